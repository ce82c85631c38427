#!/usr/bin/env node
// Entry of the command line: makes sure the program is installed and built, then hands over.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfStale, installIfStale, requireNode, root } from './bootstrap.mjs';

requireNode();
installIfStale();
buildIfStale();
const { main } = await import(pathToFileURL(join(root, 'dist', 'main.js')).href);
process.exitCode = await main(process.argv.slice(2));
