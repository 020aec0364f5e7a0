/* Repairs of what the theme leaves undone for people who do not use a mouse, and for narrow screens.
 * Each names the rule of axe (https://dequeuniversity.com/rules/axe) that it satisfies.
 */
(function () {
  'use strict';

  const all = (selector) => document.querySelectorAll(selector);

  /* label-content-name-mismatch: voice control finds a button by the words that it shows. These
   * show words of their own, or only icons whose titles count as words. */
  function nameButtonsByTheirWords() {
    all('.search-button-field, summary[aria-label]').forEach((e) => e.removeAttribute('aria-label'));
    all('.theme-switch-button [title]').forEach((icon) => icon.removeAttribute('title'));
    all('.theme-switch-button title').forEach((title) => {
      title.parentElement.setAttribute('aria-hidden', 'true');
      title.remove();
    });
  }

  /* region: the title at the top of the sidebar stands outside every landmark. */
  function makeSidebarLandmark() {
    all('.bd-sidebar-primary').forEach((sidebar) => {
      sidebar.setAttribute('role', 'region');
      sidebar.setAttribute('aria-label', 'Contents of the book');
    });
  }

  /* aria-deprecated-role, aria-required-children: docutils marks references as a list, with items
   * of another role. As plain paragraphs they read well. */
  function plainReferences() {
    all('.citation-list, .citation').forEach((e) => e.removeAttribute('role'));
  }

  /* scrollable-region-focusable: what scrolls sideways must be reachable with the Tab key. */
  function reachWideFormulas() {
    all('div.math mjx-container, span.math').forEach((formula) => {
      if (formula.scrollWidth > formula.clientWidth + 1) formula.tabIndex = 0;
      else formula.removeAttribute('tabindex');
    });
  }

  nameButtonsByTheirWords();
  makeSidebarLandmark();
  plainReferences();
  window.addEventListener('load', () => {
    // By now the theme has drawn its icons, titles included.
    nameButtonsByTheirWords();
    const typeset = window.MathJax && window.MathJax.startup;
    if (typeset) typeset.promise.then(reachWideFormulas);
  });
  window.addEventListener('resize', reachWideFormulas);
  // A formula has its own width when its fonts have come, which is after it was typeset.
  document.fonts.addEventListener('loadingdone', reachWideFormulas);
})();
