#!/usr/bin/env node
import { register } from 'tsx/esm/api';

register(); // the rest is TypeScript
await import('./main.ts');
