/* Brings the explorers of a page to life.
 *
 * An explorer (`.ms-explorer`) holds its first frame as SVG, a form with one control a parameter,
 * and, as JSON, what the other frames change:
 *   parameters    of each, its name, label, values, their texts and their literals in Python, and the
 *                 number of the value at the start; `time` if it is a place along a run
 *   parts         the names of the parts of the panels that change (`data-part` in the SVG)
 *   fragments     the distinct contents of parts, as SVG
 *   frames        per frame, the number of the fragment of each part
 *   descriptions  per frame, what it shows, in words
 *   compare       by name, the numbers of the values that a second setting starts at
 *   code          the imports and the call that show a frame, or null
 * The numbers that the frames draw stand in a second JSON (explorer_numbers.js), and what a figure
 * asks first in a third (explorer_predict.js).
 * Frames are in the order of all combinations of values, the last parameter varying fastest.
 *
 * This file moves the figures. What else a reader can do with them stands in files of their own:
 * each adds to `mscoreExplorers.features` a function of the page's explorers. The last of the
 * files, explorer_start.js, starts it all; then the explorers are marked `data-ready`.
 * Nothing is fetched.
 */
window.mscoreExplorers = (function () {
  'use strict';

  const PAUSE = 300; // milliseconds without a move before a screen reader is told
  const features = [];

  /** The control of one parameter: a slider or a row of choices. */
  class Control {
    constructor(element, parameter) {
      this.element = element;
      this.parameter = parameter;
      this.inputs = new Set(element.querySelectorAll('input'));
      this.slider = element.querySelector('input[type=range]');
      this.output = element.querySelector('.ms-value');
      this.buttons = Array.from(element.querySelectorAll('input[type=radio]'));
    }

    /** The number of the value that it stands at. */
    get index() {
      return this.slider ? Number(this.slider.value) : this.buttons.findIndex((b) => b.checked);
    }

    set index(index) {
      if (!this.slider) {
        this.buttons[index].checked = true;
        return;
      }
      this.slider.value = index;
      this.name();
    }

    /** Write a slider's value beside it, and where a screen reader finds it. */
    name() {
      if (!this.slider) return;
      const text = this.parameter.texts[this.index];
      this.slider.setAttribute('aria-valuetext', text);
      this.output.textContent = text;
    }
  }

  /** One setting of the parameters: its controls and the panels that show its frame. */
  class Side {
    constructor(explorer, element, controls) {
      this.explorer = explorer;
      this.element = element;
      this.controls = controls;
      this.panels = element.querySelector('.ms-panels');
      const places = new Map();
      this.panels.querySelectorAll('[data-part]').forEach((g) => places.set(g.dataset.part, g));
      this.places = explorer.data.parts.map((name) => places.get(name));
      this.shown = []; // the number of the fragment in each place
    }

    /** The numbers of the values that the controls stand at. */
    get choice() {
      return this.controls.map((control) => control.index);
    }

    set choice(choice) {
      this.controls.forEach((control, i) => {
        control.index = choice[i];
      });
    }

    /** What the frame shows, in words; not while the reader is still guessing. */
    get description() {
      const { data, veil } = this.explorer;
      return veil || data.descriptions[this.explorer.frame(this.choice)];
    }

    /** Show the frame that the controls stand at. */
    draw() {
      const { frames, fragments } = this.explorer.data;
      const next = frames[this.explorer.frame(this.choice)];
      next.forEach((fragment, i) => {
        if (fragment !== this.shown[i]) this.places[i].innerHTML = fragments[fragment];
      });
      this.shown = next;
      this.controls.forEach((control) => control.name());
    }
  }

  /** A figure of the page. After each change it sends `draw`, when the panels are drawn, and then
   * `move`, whose `detail` is the control that the reader moved, or null. */
  class Explorer extends EventTarget {
    constructor(root, data, key) {
      super();
      Object.assign(this, { root, data, key, parameters: data.parameters });
      this.start = this.parameters.map((parameter) => parameter.start);
      this.veil = ''; // words in place of a description (explorer_predict.js)
      const controls = Array.from(root.querySelectorAll('.ms-controls .ms-control')).map(
        (element, i) => new Control(element, this.parameters[i]),
      );
      // One setting; a second beside it while two are compared (explorer_compare.js).
      this.sides = [new Side(this, root.querySelector('.ms-side'), controls)];
      this.sides[0].shown = data.frames[this.frame(this.start)];
      this.form = root.querySelector('.ms-controls');
      if (this.form) this.listen();
    }

    listen() {
      this.form.addEventListener('input', (event) => {
        this.say('');
        this.show(event.target);
      });
      this.form.addEventListener('submit', (event) => event.preventDefault());
      this.form.hidden = false;
    }

    /** The number of the frame at a choice of values. */
    frame(choice) {
      return choice.reduce((n, index, i) => n * this.parameters[i].values.length + index, 0);
    }

    /** Show what the controls stand at, after the reader moved `control`, or without. */
    show(control) {
      this.sides.forEach((side) => side.draw());
      this.dispatchEvent(new Event('draw'));
      this.describe(control);
      this.dispatchEvent(new CustomEvent('move', { detail: control }));
    }

    /** Put the words of each side below the panels, and where a screen reader finds them. */
    describe(control) {
      const { root, sides } = this;
      const places = root.querySelectorAll('.ms-description');
      const texts = sides.map((side) => (side.name ? `${side.name}. ` : '') + side.description);
      texts.forEach((text, i) => {
        places[i].textContent = text;
        sides[i].panels.setAttribute('aria-label', `${root.dataset.title}. ${text}`);
      });
      if (!control) return;
      clearTimeout(this.telling);
      const moved = sides.map((side) => side.controls.some(({ inputs }) => inputs.has(control)));
      const told = texts.filter((_, i) => moved[i] || !moved.includes(true)).join(' ');
      this.telling = setTimeout(() => {
        root.querySelector('.ms-live').textContent = told;
      }, PAUSE);
    }

    /** Tell the reader something, below the figure. */
    say(text) {
      this.root.querySelector('.ms-status').textContent = text;
    }

    /** The button that does `action`. */
    button(action) {
      return this.root.querySelector(`.ms-tools [data-action=${action}]`);
    }
  }

  /** Copy a text, or where the browser refuses, select it for the reader; and say so. */
  async function copy(explorer, text, what) {
    const { root } = explorer;
    const box = root.querySelector('.ms-copy');
    box.hidden = true;
    try {
      await navigator.clipboard.writeText(text);
      explorer.say(`${what} is copied.`);
    } catch {
      box.hidden = false;
      box.value = text;
      box.rows = text.split('\n').length;
      box.select();
      explorer.say(`${what} could not be copied. It is selected above: copy it from there.`);
    }
  }

  /** Return an explorer. Its key is the id of its figure, or else its place on the page. */
  function bringToLife(root, place) {
    root.querySelector('.ms-details').open = false; // open only where no script runs
    const data = JSON.parse(root.querySelector('.ms-data').textContent);
    const named = root.closest('figure[id]') || root;
    named.id = named.id || `explorer-${place + 1}`;
    return new Explorer(root, data, named.id);
  }

  function start() {
    const explorers = Array.from(document.querySelectorAll('.ms-explorer'), bringToLife);
    features.forEach((feature) => feature(explorers));
    explorers.forEach(({ root }) => {
      root.querySelectorAll('.ms-tools').forEach((tools) => {
        tools.hidden = false;
      });
      root.dataset.ready = 'true';
    });
  }

  return { PAUSE, Control, Side, copy, features, start };
})();
