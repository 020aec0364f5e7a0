/* A question before the figure: the reader guesses, and then sees the run over the guess.
 *
 * Until then the parts that would answer are hidden, and so are their numbers and words. The guess
 * stays in the page: no link has it. Python draws it and writes the verdicts (`.ms-guesses`):
 *   hides      the names of the parts that are hidden
 *   place      the name of the part that the guess is drawn as, or null if it is not a line
 *   texts      the guesses, as the reader sees them
 *   fragments  the distinct guessed lines, as SVG
 *   lines      per frame, for each guess the number of its line
 *   verdicts   per frame, for each guess what the reader is told
 *   why        what is told with it
 *   veil       what stands in the place of the figure's description
 */
(function () {
  'use strict';

  const { Control, features } = window.mscoreExplorers;

  function ask(explorer, form) {
    const { root, sides } = explorer;
    const asked = JSON.parse(root.querySelector('.ms-guesses').textContent);
    const guess = new Control(form.querySelector('.ms-control'), asked);
    const button = form.querySelector('.ms-reveal');
    const parts = Array.from(root.querySelectorAll('[data-part]'));
    const place = parts.find((part) => part.dataset.part === asked.place);
    parts.forEach((part) => {
      part.classList.toggle('ms-answer', asked.hides.includes(part.dataset.part));
    });

    /** Draw the guess in the frame that is shown; once the run is shown too, compare them. */
    function draw() {
      const frame = explorer.frame(sides[0].choice);
      guess.name();
      if (place) place.innerHTML = asked.fragments[asked.lines[frame][guess.index]];
      const verdict = explorer.veil ? '' : asked.verdicts[frame][guess.index];
      form.querySelector('.ms-verdict').textContent = verdict;
    }

    /** Hide the run, or show it and keep the guess. */
    function hide(hidden) {
      explorer.veil = hidden ? asked.veil : '';
      root.classList.toggle('ms-asking', hidden);
      guess.inputs.forEach((input) => {
        input.disabled = !hidden;
      });
      button.textContent = hidden ? 'Reveal' : 'Guess again';
      form.querySelector('.ms-why').textContent = hidden ? '' : asked.why;
      draw();
      explorer.describe(null);
    }

    form.addEventListener('input', draw);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      hide(!explorer.veil);
    });
    explorer.addEventListener('draw', draw);
    form.querySelector('.ms-guess').hidden = false;
    hide(true);
  }

  features.push((explorers) => {
    explorers.forEach((explorer) => {
      const form = explorer.root.querySelector('.ms-question');
      if (form) ask(explorer, form);
    });
  });
})();
