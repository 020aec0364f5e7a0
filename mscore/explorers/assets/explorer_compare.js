/* Two settings of an explorer beside each other, A and B, each with controls of its own.
 *
 * Some figures always compare (`compare` in the page's JSON gives B's values at the start); in the
 * others a button opens and closes the comparison, of all parameters but the time. Both settings
 * show frames that are in the page anyway. `explorer.comparison` tells the other scripts:
 *   parameters   the numbers of the parameters that have a control for each setting
 *   start        B's values at the start; where a button opens it, none, so that a link has all
 */
(function () {
  'use strict';

  const { Control, Side, features } = window.mscoreExplorers;

  /** Write which setting a control belongs to before its name. */
  function mark(element, letter, { label }) {
    element.querySelector('.ms-label').textContent = letter ? `${letter}: ${label}` : label;
    element.classList.toggle('ms-own', Boolean(letter));
  }

  /** Make B's control from A's, and put it behind. */
  function copyControl(control) {
    const element = control.element.cloneNode(true);
    element.querySelectorAll('input').forEach((input) => {
      input.name = `B.${input.name}`;
    });
    element.querySelectorAll('.ms-play').forEach((button) => button.remove());
    control.element.after(element);
    mark(control.element, 'A', control.parameter);
    mark(element, 'B', control.parameter);
    return new Control(element, control.parameter);
  }

  /** Return a copy of an element, put behind it. */
  function copyBehind(element) {
    const copy = element.cloneNode(true);
    element.after(copy);
    return copy;
  }

  /** Head each side with its own values, in words. */
  function nameSides({ comparison, sides }) {
    sides.forEach((side, i) => {
      const values = comparison.parameters.map((number) => {
        const { label, texts } = side.controls[number].parameter;
        return `${label} = ${texts[side.controls[number].index]}`;
      });
      side.name = sides[1] ? `${'AB'[i]}: ${values.join(', ')}` : '';
      side.element.querySelector('.ms-setting').textContent = side.name;
    });
  }

  function open(explorer) {
    const { comparison, root, sides } = explorer;
    if (sides[1]) return;
    const own = comparison.parameters.map((i) => copyControl(sides[0].controls[i]));
    const controls = sides[0].controls.map((shared, i) => {
      const place = comparison.parameters.indexOf(i);
      return place < 0 ? shared : own[place];
    });
    const element = root.querySelectorAll('.ms-side')[1] || copyBehind(sides[0].element);
    if (root.querySelectorAll('.ms-description').length < 2) {
      copyBehind(root.querySelector('.ms-description'));
    }
    sides.push(new Side(explorer, element, controls));
    root.classList.add('ms-comparing');
  }

  function close(explorer) {
    const { comparison, root, sides } = explorer;
    if (!sides[1]) return;
    const second = sides.pop();
    second.element.remove();
    root.querySelectorAll('.ms-description')[1].remove();
    comparison.parameters.forEach((i) => {
      second.controls[i].element.remove();
      mark(sides[0].controls[i].element, '', explorer.parameters[i]);
    });
    root.classList.remove('ms-comparing');
  }

  /** A button opens and closes the comparison of all parameters but the time. */
  function toggle(explorer, button) {
    const { comparison } = explorer;
    const say = () => button.setAttribute('aria-pressed', String(Boolean(explorer.sides[1])));
    comparison.open = () => open(explorer);
    comparison.close = () => close(explorer);
    button.addEventListener('click', () => {
      (explorer.sides[1] ? close : open)(explorer);
      explorer.show(button);
    });
    explorer.addEventListener('move', say);
    say();
  }

  features.push((explorers) => {
    explorers.forEach((explorer) => {
      const { data, parameters, start } = explorer;
      const numbers = parameters.map((_, i) => i);
      const given = data.compare;
      const always = numbers.filter((i) => parameters[i].name in given);
      const button = explorer.button('compare');
      explorer.comparison = {
        parameters: button ? numbers.filter((i) => !parameters[i].time) : always,
        start: button ? [] : start.map((index, i) => given[parameters[i].name] ?? index),
        open() {},
        close() {},
      };
      explorer.addEventListener('draw', () => nameSides(explorer));
      if (button) toggle(explorer, button);
      if (always.length) {
        open(explorer);
        explorer.sides[1].choice = explorer.comparison.start;
        explorer.show(null);
      }
    });
  });
})();
