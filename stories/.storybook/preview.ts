import { setCustomElementsManifest, type Preview } from '@storybook/web-components-vite';
import { html } from 'lit';
import '../../src/index.js';
import manifest from '../../dist/custom-elements.json';
import './preview.css';

setCustomElementsManifest(manifest);

/** Toolbar options for language, color scheme and direction. */
const preview: Preview = {
  globalTypes: {
    language: {
      description: 'Language · 语言',
      toolbar: {
        title: 'Language',
        icon: 'globe',
        items: [
          { value: 'zh-CN', title: '中文' },
          { value: 'en', title: 'English' },
        ],
        dynamicTitle: true,
      },
    },
    scheme: {
      description: 'Color scheme · 配色',
      toolbar: {
        title: 'Color scheme',
        icon: 'mirror',
        items: [
          { value: 'light', title: 'Light · 浅色' },
          { value: 'dark', title: 'Dark · 深色' },
        ],
        dynamicTitle: true,
      },
    },
    direction: {
      description: 'Direction · 方向',
      toolbar: { title: 'Direction', icon: 'transfer', items: ['ltr', 'rtl'], dynamicTitle: true },
    },
  },
  initialGlobals: { language: 'zh-CN', scheme: 'light', direction: 'ltr' },
  decorators: [
    (story, { globals, parameters }) => {
      const { language, scheme, direction } = globals as Readonly<Record<string, string>>;
      return html`<div
        class="stage ${scheme ?? ''} ${parameters['narrow'] ? 'narrow' : ''}"
        lang=${language ?? 'en'}
        dir=${direction ?? 'ltr'}
      >
        ${story()}
      </div>`;
    },
  ],
  parameters: {
    layout: 'fullscreen',
    controls: { expanded: true },
    a11y: { test: 'error' },
    options: { storySort: { order: ['qiniu-uploader', ['Playground', 'States', 'Theming', 'Headless', 'Live']] } },
  },
};

export default preview;
