/* page.js - a button on each listing that copies its text. The pages need no script to be read. */
'use strict';

(function () {
  if (!navigator.clipboard) return;    /* pages opened from a file may lack it */

  var voice = document.createElement('p');
  voice.className = 'copied';
  voice.setAttribute('aria-live', 'polite');
  document.body.appendChild(voice);

  function tell(button, text) {
    button.textContent = text;
    voice.textContent = text;
    setTimeout(function () { button.textContent = 'Copy'; voice.textContent = ''; }, 2000);
  }

  document.querySelectorAll('div.sourceCode').forEach(function (box) {
    var button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    button.addEventListener('click', function () {
      navigator.clipboard.writeText(box.querySelector('code').textContent + '\n').then(
        function () { tell(button, 'Copied'); },
        function () { tell(button, 'Could not copy'); });
    });
    var chunk = box.closest('.chunk');
    var number = chunk && chunk.querySelector('.chunk-head .chunk-number');
    /* beside the number of a chunk, so that it hides no code */
    if (number) number.before(button);
    else box.appendChild(button);
  });
})();
