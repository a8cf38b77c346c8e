#!/usr/bin/env node
import { existsSync } from 'node:fs';

// In the repository there is TypeScript, and what runs it; a package that was installed holds what was made of it.
if (existsSync(new URL('src/main.ts', import.meta.url))) {
  const { register } = await import('tsx/esm/api');
  register();
  await import('./src/main.ts');
} else await import('./dist/main.js');
