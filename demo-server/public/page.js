import { offerFaults } from './faults.js';
import { followFlow } from './flow.js';
import { showGallery } from './gallery.js';
import { texts } from './texts.js';

const uploader = document.querySelector('#uploader');

let language = chooseLanguage();
const text = (name) => texts[language][name];

/** The `lang` query parameter, else the browser's language. */
function chooseLanguage() {
  const wanted = new URLSearchParams(location.search).get('lang') ?? navigator.language;
  return /^zh/i.test(wanted) ? 'zh-CN' : 'en';
}

function showTexts() {
  document.documentElement.lang = language; // also sets the element's language
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = text(element.dataset.text);
  for (const button of document.querySelectorAll('[data-language]')) {
    button.ariaPressed = String(button.dataset.language === language);
  }
}

for (const button of document.querySelectorAll('[data-language]')) {
  button.addEventListener('click', () => {
    language = button.dataset.language;
    const url = new URL(location.href);
    url.searchParams.set('lang', language);
    history.replaceState(null, '', url);
    showTexts();
    for (const part of parts) part.updateTexts();
  });
}

for (const way of document.querySelectorAll('[name="way"]')) {
  way.addEventListener('change', () => uploader.setAttribute('token-endpoint', `/api/uploads/token${way.value}`));
}

uploader.addEventListener('upload-success', () => void gallery.refresh());

showTexts();
const gallery = showGallery(text, () => language);
const parts = [followFlow(uploader, text, () => language), offerFaults(uploader, text), gallery];
await gallery.refresh();
