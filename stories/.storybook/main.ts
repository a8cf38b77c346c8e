import type { StorybookConfig } from '@storybook/web-components-vite';

/** Where the live story finds the demo server. */
const DEMO_SERVER = 'http://127.0.0.1:3000';

const config: StorybookConfig = {
  framework: '@storybook/web-components-vite',
  stories: ['../*.mdx', '../*.stories.ts'],
  addons: ['@storybook/addon-docs', '@storybook/addon-a11y'],
  core: { disableTelemetry: true, disableWhatsNewNotifications: true },
  viteFinal: (vite) => ({
    ...vite,
    plugins: (vite.plugins ?? [])
      .flat()
      .filter((plugin) => !(plugin && 'name' in plugin && plugin.name === 'publish-sandbox')),
    // The repository's own build makes a library of it; a Storybook is a page.
    build: { ...vite.build, lib: false, rolldownOptions: {}, emptyOutDir: false, target: 'es2022' },
    server: { ...vite.server, proxy: { '/api': DEMO_SERVER } },
    optimizeDeps: {
      ...vite.optimizeDeps,
      include: [...(vite.optimizeDeps?.include ?? []), 'lit', 'lit/decorators.js', 'lit/directives/repeat.js'],
    },
  }),
};

export default config;
