/* The last of the explorers' scripts: the features are there, and the figures come to life.
 * The page's own event would come later, after MathJax, which is large.
 */
window.mscoreExplorers.start();
