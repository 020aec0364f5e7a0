/* The state of the explorers, in the fragment of the page's address:
 *
 *   #fig-hook?alpha=1e-7,draw=2;fig-race?alpha=0.1
 *
 * An explorer is named by its figure; what is not named stands at its start. The browser scrolls
 * to the first. Commas part the parameters, since in HTML and Markdown `&` begins a character
 * reference (`&reg`), which would change a link that is pasted there. Where two settings are
 * compared, `B.alpha` is the second value of `alpha`.
 */
(function () {
  'use strict';

  const { PAUSE, copy, features } = window.mscoreExplorers;

  /** Encode also what Markdown, or a program that looks for links in mail, takes for its own. */
  function encode(text) {
    const rest = (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`;
    return encodeURIComponent(text).replace(/[!'()*~]/g, rest);
  }

  /** Decode what a reader may have cut: then it stays as it is, and is named as unknown. */
  function decode(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  }

  /** Write the state of one explorer: what differs from its start. */
  function written(explorer) {
    const { comparison, parameters, sides, start } = explorer;
    const value = (i, index, mark) =>
      `${mark}${encode(parameters[i].name)}=${encode(String(parameters[i].values[index]))}`;
    const changed = sides[0].choice
      .map((index, i) => index !== start[i] && value(i, index, ''))
      .filter(Boolean);
    if (sides[1]) {
      comparison.parameters.forEach((i) => {
        const index = sides[1].choice[i];
        if (index !== comparison.start[i]) changed.push(value(i, index, 'B.'));
      });
    }
    return encode(explorer.key) + (changed.length ? `?${changed}` : '');
  }

  /** Read a fragment as a list of explorers' keys and the values given for each. */
  function read(fragment) {
    return fragment.split(';').map((part) => {
      const [key, values = ''] = part.split('?');
      const pairs = values.split(',').filter(Boolean);
      return { key: decode(key), pairs: pairs.map((pair) => pair.split('=').map(decode)) };
    });
  }

  /** Find a value that is written as `text`; numbers may be spelled in any way. */
  function find(values, text) {
    const same = (value) =>
      String(value) === text || (typeof value === 'number' && text && Number(text) === value);
    return values.findIndex(same);
  }

  /** Move one explorer to the values that a link gives, and say what it does not have. */
  function restore(explorer, pairs) {
    const { comparison, parameters } = explorer;
    const chosen = [new Map(), new Map()]; // for each side, values by parameter
    const unknown = [];
    pairs.forEach(([given, text = '']) => {
      const [name, second] = given.startsWith('B.') ? [given.slice(2), 1] : [given, 0];
      const i = parameters.findIndex((parameter) => parameter.name === name);
      const known = i >= 0 && (!second || comparison.parameters.includes(i));
      const index = known ? find(parameters[i].values, text) : -1;
      if (index < 0) unknown.push(`${given} = ${text}`);
      else chosen[second].set(i, index);
    });
    begin(explorer);
    if (chosen[1].size) comparison.open();
    chosen.forEach((values, side) =>
      values.forEach((index, i) => {
        explorer.sides[side].controls[i].index = index;
      }),
    );
    explorer.show(null);
    const left = unknown.join(' and ');
    explorer.say(left && `The link asks for ${left}, which this figure does not have.`);
  }

  /** Put the controls of an explorer where they stood at first. */
  function begin(explorer) {
    explorer.comparison.close();
    if (explorer.sides[1]) explorer.sides[1].choice = explorer.comparison.start;
    explorer.sides[0].choice = explorer.start;
  }

  /** Move the explorers that a fragment names, and return the first of them. */
  function follow(explorers, fragment) {
    const known = new Map(explorers.map((explorer) => [explorer.key, explorer]));
    const named = read(fragment);
    named.forEach(({ key, pairs }) => known.has(key) && restore(known.get(key), pairs));
    const strange = named.find(({ key }) => !known.has(key));
    if (strange) explorers[0].say(`The link names the figure ${strange.key}, which is not here.`);
    return known.get(named[0].key);
  }

  /** Keep the address in step with the explorers, and the explorers with the address. */
  function link(explorers) {
    if (!explorers.length) return;
    let latest; // the explorer that was moved last: the link leads to it
    let timer, control, moved, pushed; // of the move that is under way

    function state() {
      const others = explorers.filter((explorer) => explorer !== latest);
      return [...(latest ? [latest] : []), ...others.filter(differs)].map(written).join(';');
    }

    /* Each move of a control is an entry of the history, from its first step to where it rests.
     * Browsers refuse to change the address more than about three times a second. */
    function write() {
      if (!moved) {
        rest();
        return;
      }
      moved = false;
      history[pushed ? 'replaceState' : 'pushState']({ explorers: state() }, '', `#${state()}`);
      pushed = true;
      timer = setTimeout(write, PAUSE);
    }

    function rest() {
      clearTimeout(timer);
      timer = control = moved = pushed = undefined;
    }

    function note({ target, detail }) {
      if (!detail) return;
      if (detail.name !== control) rest();
      control = detail.name;
      latest = target;
      moved = true;
      timer = timer || setTimeout(write, PAUSE);
    }

    /** Show what the address says; an entry that was here before holds the state of all. */
    function arrive() {
      rest();
      const before = history.state && history.state.explorers;
      const fragment = location.hash.slice(1);
      if (typeof before === 'string') {
        explorers.filter(differs).forEach((explorer) => restore(explorer, []));
        latest = before ? follow(explorers, before) : undefined;
      } else if (fragment.includes('?')) {
        latest = follow(explorers, fragment);
        if (latest) latest.root.scrollIntoView({ behavior: 'instant' });
      }
      history.replaceState({ ...history.state, explorers: state() }, '');
    }

    explorers.forEach((explorer) => {
      explorer.addEventListener('move', note);
    });
    window.addEventListener('popstate', arrive);
    arrive();
  }

  function differs(explorer) {
    return written(explorer) !== encode(explorer.key);
  }

  /** A button copies a link to one explorer as it stands. */
  function copyLink(explorers) {
    const page = location.href.split('#')[0];
    explorers.forEach((explorer) => {
      explorer.button('link').addEventListener('click', () => {
        copy(explorer, `${page}#${written(explorer)}`, 'The link');
      });
    });
  }

  features.push(link, copyLink);
})();
