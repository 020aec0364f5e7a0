/* Brings the explorers of a page to life.
 *
 * An explorer (`.ms-explorer`) holds its first frame as SVG, a form with one control a parameter,
 * and, as JSON, what the other frames change:
 *   values        per parameter, the texts of its values
 *   parts         the names of the parts of the panels (`data-part` in the SVG)
 *   fragments     the distinct contents of parts, as SVG
 *   frames        per frame, the number of the fragment of each part
 *   descriptions  per frame, what it shows, in words
 * Frames are in the order of all combinations of values, the last parameter varying fastest.
 * An element is marked `data-ready` once it can be used. Nothing is fetched.
 */
(function () {
  'use strict';

  const QUIET = 300; // milliseconds without a move before a screen reader is told

  /** Connect one explorer's controls with its panels. */
  function bringToLife(root) {
    const details = root.querySelector('.ms-details');
    if (details) details.open = false; // open only where no script runs
    const data = root.querySelector('.ms-data');
    if (data) connect(root, JSON.parse(data.textContent));
    root.dataset.ready = 'true';
  }

  function connect(root, data) {
    const form = root.querySelector('.ms-controls');
    const controls = Array.from(form.querySelectorAll('.ms-control'));
    const places = new Map();
    root.querySelectorAll('[data-part]').forEach((g) => places.set(g.dataset.part, g));
    const parts = data.parts.map((name) => places.get(name));
    let shown = data.frames[frameNumber()];
    let timer;

    /** The number of the frame that the controls stand at. */
    function frameNumber() {
      return controls.reduce((number, control, i) => {
        const input = control.querySelector('input[type=range], input:checked');
        return number * data.values[i].length + Number(input.value);
      }, 0);
    }

    /** Write a slider's value beside it, and where a screen reader finds it. */
    function nameValue(control, i) {
      const slider = control.querySelector('input[type=range]');
      if (!slider) return;
      const text = data.values[i][Number(slider.value)];
      slider.setAttribute('aria-valuetext', text);
      control.querySelector('output').textContent = text;
    }

    function show() {
      const number = frameNumber();
      const next = data.frames[number];
      next.forEach((fragment, i) => {
        if (fragment !== shown[i]) parts[i].innerHTML = data.fragments[fragment];
      });
      shown = next;
      controls.forEach(nameValue);
      describe(data.descriptions[number]);
    }

    function describe(text) {
      root.querySelector('.ms-description').textContent = text;
      root.querySelector('.ms-panels').setAttribute('aria-label', root.dataset.title + '. ' + text);
      clearTimeout(timer);
      timer = setTimeout(() => {
        root.querySelector('.ms-live').textContent = text;
      }, QUIET);
    }

    form.addEventListener('input', show);
    form.addEventListener('submit', (event) => event.preventDefault());
    form.hidden = false;
  }

  function start() {
    document.querySelectorAll('.ms-explorer:not([data-ready])').forEach(bringToLife);
  }

  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
  else start();
})();
