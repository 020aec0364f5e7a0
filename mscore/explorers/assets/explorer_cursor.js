/* A cursor along the axis that panels share: a line in each, and its value behind each curve's name.
 *
 * A button turns it on; figures that always compare two settings have it on from the start. A slider
 * below the panels moves it, and so does a pointer over them, in both settings at once. Where it can
 * go stands in the JSON of the numbers (explorer_numbers.js), as `cursor`:
 *   panels  the numbers of the panels that have the axis
 *   label   of the axis
 *   limits  of the axis
 *   log     whether it is logarithmic
 */
(function () {
  'use strict';

  const { PAUSE, features } = window.mscoreExplorers;
  const SUPERSCRIPTS = { '-': '⁻', ...Array.from('⁰¹²³⁴⁵⁶⁷⁸⁹') };

  /** Write a number to three digits, as the book does: 0.031, 3.1·10⁻⁵. */
  function format(value) {
    const signed = (number) => String(Number(number)).replace('-', '−');
    const size = Math.abs(value);
    if (value === 0 || (size >= 1e-3 && size < 1e4)) return signed(value.toPrecision(3));
    const [digits, exponent] = value.toExponential(2).split('e');
    const power = Array.from(String(Number(exponent)), (sign) => SUPERSCRIPTS[sign]).join('');
    return Number(digits) === 1 ? `10${power}` : `${signed(digits)}·10${power}`;
  }

  /** Return the number of the value that is nearest. */
  function nearest(values, x) {
    return values.reduce((best, value, i) => {
      return Math.abs(value - x) < Math.abs(values[best] - x) ? i : best;
    }, 0);
  }

  /** Return the named curves of a side on some panels: `y` over increasing `x`. */
  function curves(explorer, side, panels) {
    const { numbers, parts } = window.mscoreExplorers;
    const { columns } = numbers(explorer);
    const [x, y] = ['x', 'y'].map((name) => columns.indexOf(name));
    return parts(explorer, side.choice).flatMap(({ panel, name, label, rows }) => {
      const number = numbers(explorer).panels.indexOf(panel);
      const plain = columns.every((_, i) => (rows[0][i] !== '') === (i === x || i === y));
      const rising = rows.every((row, i) => i === 0 || row[x] > rows[i - 1][x]);
      if (!label || !plain || !rising || rows.length < 2 || !panels.includes(number)) return [];
      return { panel: number, name, label, x: rows.map((row) => row[x]), y: rows.map((row) => row[y]) };
    });
  }

  class Cursor {
    constructor(explorer, button) {
      Object.assign(this, { explorer, button, on: false });
      this.box = document.createElement('div');
      this.box.className = 'ms-cursor';
      this.box.innerHTML =
        '<label class="ms-slider"><span class="ms-label"></span>' +
        '<span class="ms-value" aria-hidden="true"></span>' +
        '<input type="range" name="cursor" min="0" step="1"></label>';
      this.slider = this.box.querySelector('input');
      this.slider.addEventListener('input', () => this.go(this.places[this.slider.value]));
      button.addEventListener('click', () => this.turn(!this.on));
      explorer.addEventListener('draw', () => this.on && this.draw());
      ['pointerdown', 'pointermove'].forEach((name) => {
        explorer.root.querySelector('.ms-sides').addEventListener(name, (event) => this.follow(event));
      });
      this.turn(Boolean(explorer.sides[1]));
    }

    turn(on) {
      const { button, box, explorer } = this;
      this.on = on;
      button.setAttribute('aria-pressed', String(on));
      if (!on) {
        box.remove();
        explorer.root.querySelectorAll('.ms-read, .ms-cursor-line').forEach((e) => e.remove());
        return;
      }
      if (!this.axis) {
        this.axis = window.mscoreExplorers.numbers(explorer).cursor;
        this.x = this.at(0.5);
        box.querySelector('.ms-label').textContent = `read at ${this.axis.label}`;
      }
      explorer.root.querySelector('.ms-sides').after(box);
      this.draw();
    }

    /** Return the value at a fraction of the axis. */
    at(fraction) {
      const { limits, log } = this.axis;
      const [low, high] = log ? limits.map(Math.log10) : limits;
      const place = low + fraction * (high - low);
      return log ? 10 ** place : place;
    }

    /** Return which fraction of the axis a value stands at. */
    fraction(x) {
      const { limits, log } = this.axis;
      const [low, high, place] = log ? [...limits, x].map(Math.log10) : [...limits, x];
      return (place - low) / (high - low);
    }

    /** Move to a value, and tell a screen reader. */
    go(x) {
      this.x = x;
      const told = this.draw();
      clearTimeout(this.telling);
      this.telling = setTimeout(() => {
        this.explorer.root.querySelector('.ms-live').textContent = told;
      }, PAUSE);
    }

    /** Follow a pointer over one of the panels. */
    follow({ target, clientX }) {
      const svg = this.on && target.closest('.ms-svg');
      if (!svg) return;
      const svgs = Array.from(svg.closest('.ms-side').querySelectorAll('.ms-svg'));
      if (!this.axis.panels.includes(svgs.indexOf(svg))) return;
      const { left, width } = svg.getBoundingClientRect();
      const inside = svg.querySelector('svg').viewBox.baseVal;
      const place = ((clientX - left) / width) * svg.viewBox.baseVal.width;
      this.go(this.at(Math.min(Math.max((place - inside.x) / inside.width, 0), 1)));
    }

    /** Draw the line where the first setting's longest curve has a point; return what it reads. */
    draw() {
      const { axis, box, explorer, slider } = this;
      const drawn = explorer.sides.map((side) => curves(explorer, side, axis.panels));
      this.places = drawn[0].reduce((most, { x }) => (x.length > most.length ? x : most), []);
      const place = nearest(this.places, this.x);
      const x = this.places[place];
      slider.max = this.places.length - 1;
      slider.value = place;
      slider.setAttribute('aria-valuetext', format(x));
      box.querySelector('.ms-value').textContent = format(x);
      const told = explorer.sides.map((side, i) => {
        axis.panels.forEach((panel) => this.mark(side, panel, x));
        const values = drawn[i].map((curve) => this.read(side, curve, x));
        return (side.name ? `${side.name}: ` : '') + values.filter(Boolean).join(', ');
      });
      return `At ${axis.label} ${format(x)}. ${told.join('. ')}.`;
    }

    /** Put the line into a panel, or move it there. */
    mark(side, panel, x) {
      const inside = side.element.querySelectorAll('.ms-svg')[panel].querySelector('svg');
      let line = inside.querySelector('.ms-cursor-line');
      if (!line) {
        line = document.createElementNS('http://www.w3.org/2000/svg', 'line');
        line.setAttribute('class', 'ms-cursor-line');
        inside.append(line);
      }
      const { x: left, y: top, width, height } = inside.viewBox.baseVal;
      const at = left + width * this.fraction(x);
      Object.entries({ x1: at, x2: at, y1: top, y2: top + height }).forEach(([name, value]) => {
        line.setAttribute(name, value.toFixed(1));
      });
    }

    /** Write the value of a curve behind its name; return both. Beyond its ends it has none. */
    read(side, { panel, name, label, x: along, y }, x) {
      const entries = side.element.querySelectorAll('.ms-panel')[panel].querySelectorAll('li');
      const entry = Array.from(entries).find(({ dataset }) => dataset.key === name);
      const value = entry.querySelector('.ms-read') || document.createElement('span');
      value.className = 'ms-read';
      entry.append(value);
      const within = x >= along[0] && x <= along[along.length - 1];
      value.textContent = within ? format(y[nearest(along, x)]) : '–';
      return within && `${label} ${value.textContent}`;
    }
  }

  features.push((explorers) => {
    explorers.forEach((explorer) => {
      const button = explorer.button('cursor');
      if (button) new Cursor(explorer, button);
    });
  });
})();
