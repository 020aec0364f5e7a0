/* Copy as Python: the lines that show a figure, as it stands, in a fresh kernel.
 *
 * Python writes the lines (`Explorer.code`); the page holds them with {name} in the place of each
 * parameter's value.
 */
(function () {
  'use strict';

  const { copy, features } = window.mscoreExplorers;

  /** Return the call that shows the frame at a choice of values. */
  function call(explorer, choice) {
    return explorer.parameters.reduce(
      (text, { name, literals }, i) => text.replace(`{${name}}`, () => literals[choice[i]]),
      explorer.data.code[1],
    );
  }

  features.push((explorers) => {
    explorers.forEach((explorer) => {
      const button = explorer.button('code');
      if (!button) return; // no other kernel can have the view
      button.addEventListener('click', () => {
        const calls = explorer.sides.map((side) => call(explorer, side.choice));
        const both = `display(\n${calls.map((text) => `    ${text},\n`).join('')})`;
        const shown = calls.length > 1 ? both : calls[0];
        copy(explorer, `${explorer.data.code[0]}\n${shown}\n`, 'The code');
      });
    });
  });
})();
