// Builds what is stale: TypeScript to dist/, the console to web/dist. Dependency-free; prints what it does.
// Usage: node bin/build.mjs [--for-tests]
import { buildIfStale, installIfStale } from './bootstrap.mjs';

installIfStale();
buildIfStale();
