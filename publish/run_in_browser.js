/* Puts "Run in browser" under the title of a chapter. publish/run_in_browser.py names this script on
 * the pages of the chapters that it made ready. They need a server, so a page that was opened from a
 * folder on disk gets no link.
 */
(function () {
  'use strict';

  if (!window.location.protocol.startsWith('http')) return;
  const { src, dataset } = document.currentScript;
  const link = document.createElement('a');
  link.className = 'd-inline-block border rounded px-2 py-1 mb-3 d-print-none';
  link.href = new URL(`notebooks/index.html?path=${dataset.notebook}`, src);
  link.textContent = 'Run in browser';
  document.querySelector('article h1').after(link);
})();
