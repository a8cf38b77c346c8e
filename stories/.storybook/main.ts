import type { StorybookConfig } from '@storybook/web-components-vite';

/** Demo server used by the live story. */
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
    // Overrides the repository's library build: Storybook is a page.
    build: { ...vite.build, lib: false, rolldownOptions: {}, emptyOutDir: false, target: 'es2022' },
    server: { ...vite.server, proxy: { '/api': DEMO_SERVER } },
    optimizeDeps: {
      ...vite.optimizeDeps,
      include: [...(vite.optimizeDeps?.include ?? []), 'lit', 'lit/decorators.js', 'lit/directives/repeat.js'],
    },
  }),
};

export default config;
