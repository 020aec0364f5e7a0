/* Puts "Run in browser" at the top of a chapter's page. publish/run_in_browser.py names this script
 * on the pages of the chapters that it made ready. They need a server, so a page that was opened
 * from a folder on disk gets no link.
 */
(function () {
  'use strict';

  const { src, dataset } = document.currentScript;
  const buttons = document.querySelector('.article-header-buttons');
  if (!buttons || !window.location.protocol.startsWith('http')) return;

  const link = document.createElement('a');
  link.className = 'btn btn-sm border fs-6 text-nowrap';
  link.href = new URL(`notebooks/index.html?path=${dataset.notebook}`, src);
  link.textContent = 'Run in browser';
  buttons.prepend(link);
})();
