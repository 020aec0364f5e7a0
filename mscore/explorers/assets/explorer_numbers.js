/* The numbers that a figure draws, as tables below its description and as a CSV file.
 *
 * They stand in a JSON of their own (`.ms-numbers`), which is read when they are first asked for:
 *   columns   the names of the columns: x, y and, where a part needs them, x_to, y_to, z
 *   panels    of each, its name, its title, the labels of its axes, and the limits and scale of y
 *   parts     of each, the number of its panel, its name, its label and its kind
 *   arrays    the distinct columns, to four digits
 *   frames    per frame, its parts: each as its number and, for every column, that of an array
 *   cursor    the axis along which they can be read (explorer_cursor.js), or null
 */
(function () {
  'use strict';

  const { PAUSE, features } = window.mscoreExplorers;

  const known = new WeakMap();

  /** Return the JSON of an explorer's numbers. */
  function numbers(explorer) {
    if (!known.has(explorer)) {
      known.set(explorer, JSON.parse(explorer.root.querySelector('.ms-numbers').textContent));
    }
    return known.get(explorer);
  }

  /** Return what the parts of a frame draw, each with its panel, name, label, kind and columns. */
  function parts(explorer, choice) {
    const { arrays, frames, panels, parts: names } = numbers(explorer);
    return frames[explorer.frame(choice)].map(([part, ...places]) => {
      const [panel, name, label, kind] = names[part];
      const columns = places.map((place) => (place === null ? null : arrays[place]));
      return { panel: panels[panel], name, label: label || '', kind, columns };
    });
  }

  /** Return the columns of a part as rows of numbers, '' where it has none. */
  function rows({ columns }) {
    const longest = columns.find(Boolean);
    return longest.map((_, i) => columns.map((column) => (column ? column[i] : '')));
  }

  // The file ---------------------------------------------------------------------------------

  function quote(value) {
    const text = String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  /** Return what is drawn as CSV: the parameters' values stand in every line. */
  function csv(explorer) {
    const { parameters, sides } = explorer;
    const lines = sides.flatMap(({ choice }) => {
      const setting = parameters.map(({ values }, i) => values[choice[i]]);
      return parts(explorer, choice).flatMap((part) => {
        const { panel, name, label } = part;
        return rows(part).map((row) => [...setting, panel.name, name, label, ...row]);
      });
    });
    const head = [...parameters.map(({ name }) => name), 'panel', 'part', 'label'];
    return [[...head, ...numbers(explorer).columns], ...lines]
      .map((line) => `${line.map(quote).join(',')}\r\n`)
      .join('');
  }

  /** Return a name for the file, for instance fig-race-alpha-0.1.csv. */
  function fileName({ key, comparison, parameters, sides }) {
    const word = (side, i) => `-${parameters[i].name}-${parameters[i].values[side.choice[i]]}`;
    const first = parameters.map((_, i) => word(sides[0], i));
    const second = sides[1] ? ['-against', ...comparison.parameters.map((i) => word(sides[1], i))] : [];
    return `${[key, ...first, ...second].join('')}.csv`.replace(/[^\w.-]+/g, '_');
  }

  function download(text, name) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000); // the browser reads it by then
  }

  // The tables -------------------------------------------------------------------------------

  function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    made.append(...children);
    return made;
  }

  /** Return the parts of one panel as a table: a group of rows for each part. */
  function table(caption, panel, columns, drawn) {
    const having = (i) => drawn.find((part) => part.columns[i]);
    const used = columns.map((_, i) => i).filter(having);
    const words = { x: panel.x, x_to: `${panel.x}, to`, y: panel.y, y_to: `${panel.y}, to` };
    const heads = used.map((i) =>
      // z is the colour of a heat map, whose label names it.
      element('th', { scope: 'col' }, words[columns[i]] || having(i).label),
    );
    const groups = drawn.map((part) =>
      element(
        'tbody',
        {},
        element(
          'tr',
          {},
          element('th', { scope: 'rowgroup', colspan: used.length }, part.label || part.name),
        ),
        ...rows(part).map((row) => element('tr', {}, ...used.map((i) => element('td', {}, row[i])))),
      ),
    );
    const head = element('thead', {}, element('tr', {}, ...heads));
    return element('table', {}, element('caption', {}, caption), head, ...groups);
  }

  function tables(explorer) {
    const panels = explorer.sides.flatMap((side) => {
      const drawn = parts(explorer, side.choice);
      return numbers(explorer).panels.map((panel) => {
        const caption = panel.title || explorer.root.dataset.title;
        const own = drawn.filter((part) => part.panel === panel);
        const setting = side.name ? `${side.name}. ` : '';
        return table(setting + caption, panel, numbers(explorer).columns, own);
      });
    });
    const region = { role: 'region', 'aria-label': 'Numbers of the figure, to four digits' };
    return element('div', { class: 'ms-numbers-box', tabindex: 0, ...region }, ...panels);
  }

  /** A button opens and closes the tables; while they are open they follow the figure. */
  function toggleTables(explorer) {
    const button = explorer.button('table');
    let box, timer;
    function fill() {
      const next = tables(explorer);
      if (box) box.replaceWith(next);
      else button.parentElement.after(next);
      box = next;
    }
    button.setAttribute('aria-expanded', 'false');
    button.addEventListener('click', () => {
      if (box) {
        box.remove();
        box = undefined;
      } else fill();
      button.setAttribute('aria-expanded', String(Boolean(box)));
    });
    explorer.addEventListener('move', () => {
      clearTimeout(timer);
      timer = setTimeout(() => box && !explorer.playing && fill(), PAUSE);
    });
  }

  Object.assign(window.mscoreExplorers, { numbers, parts });
  features.push((explorers) => {
    explorers.forEach((explorer) => {
      toggleTables(explorer);
      explorer.button('csv').addEventListener('click', () => {
        download(csv(explorer), fileName(explorer));
      });
    });
  });
})();
