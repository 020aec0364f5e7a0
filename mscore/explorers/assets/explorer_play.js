/* Play: a button beside the slider of the time steps through its values.
 *
 * It never starts on its own, and is not offered where the reader asks for less motion
 * (explorer.css). It stops at the end, when the reader moves a control, and out of view.
 */
(function () {
  'use strict';

  const STEP = 333; // milliseconds
  const { features } = window.mscoreExplorers;
  const calm = window.matchMedia('(prefers-reduced-motion: reduce)');

  function play(explorer, button, control) {
    const last = control.parameter.values.length - 1;

    function halt() {
      clearInterval(explorer.playing);
      explorer.playing = undefined;
      button.textContent = 'Play';
    }

    /** Stop where it is; only now the address and a screen reader take note. */
    function stop() {
      if (!explorer.playing) return;
      halt();
      explorer.show(control.slider);
    }

    function step() {
      control.index += 1;
      if (control.index === last) stop();
      else explorer.show(null);
    }

    function begin() {
      explorer.say('');
      if (control.index === last) {
        control.index = 0;
        explorer.show(null);
      }
      explorer.playing = setInterval(step, STEP);
      button.textContent = 'Pause';
    }

    button.addEventListener('click', () => (explorer.playing ? stop() : begin()));
    explorer.addEventListener('move', ({ detail }) => detail && halt());
    calm.addEventListener('change', stop);
    new IntersectionObserver(([entry]) => entry.isIntersecting || stop()).observe(explorer.root);
  }

  features.push((explorers) => {
    explorers.forEach((explorer) => {
      explorer.sides[0].controls.forEach((control) => {
        const button = control.element.querySelector('.ms-play');
        if (button) play(explorer, button, control);
      });
    });
  });
})();
