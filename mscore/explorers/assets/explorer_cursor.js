/* A cursor along the axis that panels share: a line in each, and its value behind each curve's name.
 *
 * A button turns it on; figures that always compare two settings have it on from the start. A slider
 * below the figure moves it, and so does a press on a panel, in both settings at once. Where it can
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
  const HANDLE = 6; // half the width of the mark on top of the line
  const NONE = '–';

  /** Write a number to three digits, as the book does: 0.031, 3.1·10⁻⁵. */
  function format(value) {
    const signed = (number) => String(Number(number)).replace('-', '−');
    const size = Math.abs(value);
    if (value === 0 || (size >= 1e-3 && size < 1e4)) return signed(value.toPrecision(3));
    const [digits, exponent] = value.toExponential(2).split('e');
    const power = Array.from(String(Number(exponent)), (sign) => SUPERSCRIPTS[sign]).join('');
    return Number(digits) === 1 ? `10${power}` : `${signed(digits)}·10${power}`;
  }

  /** Say what a part shows at x; `NONE` beyond the ends of a curve and between dots. */
  function valueAt({ kind, x: along, y, panel }, x, xLog) {
    if (kind === 'hline') return format(y[0]);
    const next = along.findIndex((place) => place >= x);
    if (next < 0 || (next === 0 && along[0] > x)) return NONE;
    if (along[next] === x) return shown(y[next], panel);
    if (kind === 'points') return NONE;
    const [xs, ys] = [xLog, panel.y_log].map((log) => (log ? Math.log : Number));
    const share = (xs(x) - xs(along[next - 1])) / (xs(along[next]) - xs(along[next - 1]));
    const between = ys(y[next - 1]) + share * (ys(y[next]) - ys(y[next - 1]));
    return shown(panel.y_log ? Math.exp(between) : between, panel);
  }

  /** Write a value, as far as the panel shows it: views draw what is smaller at a floor. */
  function shown(value, { y_limits: limits, y_log: log }) {
    const [low, high] = [Math.min(...limits), Math.max(...limits)];
    if (log && value <= low) return `≤ ${format(low)}`;
    if (log && value >= high) return `≥ ${format(high)}`;
    return format(value);
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
      button.addEventListener('click', () => {
        this.turn(!this.on);
        if (this.on) this.go(this.x);
      });
      explorer.addEventListener('draw', () => this.on && this.look());
      const sides = explorer.root.querySelector('.ms-sides');
      sides.addEventListener('click', (event) => this.follow(event));
      sides.addEventListener('pointermove', (event) => event.buttons && this.follow(event));
      this.turn(Boolean(explorer.sides[1]));
    }

    turn(on) {
      const { button, box, explorer } = this;
      this.on = on;
      button.setAttribute('aria-pressed', String(on));
      explorer.root.classList.toggle('ms-reading', on);
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
      explorer.root.querySelector('.ms-foot').after(box);
      this.look();
    }

    /** Return the value at a fraction of the axis. */
    at(fraction) {
      const { limits, log } = this.axis;
      const [low, high] = log ? limits.map(Math.log) : limits;
      const place = low + fraction * (high - low);
      return log ? Math.exp(place) : place;
    }

    /** Return which fraction of the axis a value stands at. */
    fraction(x) {
      const { limits, log } = this.axis;
      const [low, high, place] = log ? [...limits, x].map(Math.log) : [...limits, x];
      return (place - low) / (high - low);
    }

    /** Return what a side draws along the axis under a name, from left to right. */
    curves(side) {
      const { numbers, parts } = window.mscoreExplorers;
      const { columns, panels } = numbers(this.explorer);
      const [x, y] = ['x', 'y'].map((name) => columns.indexOf(name));
      return parts(this.explorer, side.choice).flatMap(({ panel, name, label, kind, columns: c }) => {
        const curve = { panel, number: panels.indexOf(panel), name, label, kind, x: c[x], y: c[y] };
        if (!label || !this.axis.panels.includes(curve.number)) return [];
        if (kind === 'hline') return curve;
        if (!['line', 'points'].includes(kind) || curve.x.length < 2) return [];
        if (curve.x[0] > curve.x[curve.x.length - 1]) {
          Object.assign(curve, { x: [...curve.x].reverse(), y: [...curve.y].reverse() });
        }
        // A cloud of points, or a line that turns back, has no one value at a place.
        const turns = curve.x.filter((place, i) => i > 0 && place <= curve.x[i - 1]).length;
        return turns > curve.x.length / 10 ? [] : curve;
      });
    }

    /** Take in what the frames have along the axis, and draw the cursor there. */
    look() {
      this.drawn = this.explorer.sides.map((side) => this.curves(side));
      const all = this.drawn.flat().flatMap(({ kind, x }) => (kind === 'hline' ? [] : x));
      const visible = (x) => this.fraction(x) >= 0 && this.fraction(x) <= 1;
      const places = [...new Set(all)].filter(visible).sort((a, b) => a - b);
      this.places = places.length ? places : [this.at(0.5)]; // a frame may lack every curve
      this.slider.max = this.places.length - 1;
      this.draw();
    }

    /** Move to a value, and tell a screen reader. */
    go(x) {
      if (this.explorer.veil) return; // the reader is still guessing
      this.x = x;
      const told = this.draw();
      clearTimeout(this.telling);
      this.telling = setTimeout(() => {
        this.explorer.root.querySelector('.ms-live').textContent = told;
      }, PAUSE);
    }

    /** Go where a panel is pressed. */
    follow({ target, clientX }) {
      const svg = this.on && target.closest('.ms-svg');
      if (!svg) return;
      const svgs = Array.from(svg.closest('.ms-side').querySelectorAll('.ms-svg'));
      if (!this.axis.panels.includes(svgs.indexOf(svg))) return;
      const { left, width } = svg.getBoundingClientRect();
      const inside = svg.querySelector('svg').viewBox.baseVal;
      const place = ((clientX - left) / width) * svg.viewBox.baseVal.width;
      const fraction = (place - inside.x) / inside.width;
      if (fraction >= 0 && fraction <= 1) this.go(this.at(fraction));
    }

    /** Draw the line at the nearest place where a curve has a point; return what is read there. */
    draw() {
      const { axis, box, explorer, slider } = this;
      const far = (x) => Math.abs(this.fraction(x) - this.fraction(this.x));
      const place = this.places.reduce((best, x, i) => (far(x) < far(this.places[best]) ? i : best), 0);
      const x = this.places[place];
      slider.value = place;
      slider.setAttribute('aria-valuetext', format(x));
      box.querySelector('.ms-value').textContent = format(x);
      const told = explorer.sides.map((side, i) => {
        axis.panels.forEach((panel) => this.mark(side, panel, x));
        const values = this.drawn[i].map((curve) => this.read(side, curve, x));
        return (side.name ? `${side.name}. ` : '') + values.filter(Boolean).join(', ');
      });
      return `At ${axis.label} ${format(x)}. ${told.join('. ')}.`;
    }

    /** Put the line into a panel, or move it there. */
    mark(side, panel, x) {
      const inside = side.element.querySelectorAll('.ms-svg')[panel].querySelector('svg');
      let line = inside.querySelector('.ms-cursor-line');
      if (!line) {
        line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
        line.setAttribute('class', 'ms-cursor-line');
        inside.append(line);
      }
      const { x: left, y: top, width, height } = inside.viewBox.baseVal;
      const at = (left + width * this.fraction(x)).toFixed(1);
      // A triangle that points down tells it from the lines of the figure.
      line.setAttribute('d', `M${at} ${top + height}V${top}h${HANDLE}l${-HANDLE} 9l${-HANDLE}-9h${HANDLE}`);
    }

    /** Write the value of a curve behind its name; return both, or nothing where it has none. */
    read(side, curve, x) {
      const panel = side.element.querySelectorAll('.ms-panel')[curve.number];
      const entries = Array.from(panel.querySelectorAll('.ms-legend li'));
      const entry = entries.find(({ dataset }) => dataset.key === curve.name);
      let place = entry.querySelector('.ms-read');
      if (!place) {
        place = document.createElement('span');
        place.className = 'ms-read';
        entry.append(place);
      }
      const value = valueAt(curve, x, this.axis.log);
      if (place.textContent !== value) place.textContent = value;
      return value !== NONE && `${curve.label}: ${value}`;
    }
  }

  features.push((explorers) => {
    explorers.forEach((explorer) => {
      const button = explorer.button('cursor');
      if (button) new Cursor(explorer, button);
    });
  });
})();
