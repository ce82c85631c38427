import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/**
 * The console builds to web/dist and asks nothing of any other origin: no fonts, tiles or scripts from
 * outside.
 */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
  },
  server: {
    // `npx vite web` beside a running platform: MILLRACE_URL names it.
    proxy: {
      '/api': { target: process.env['MILLRACE_URL'] ?? 'http://127.0.0.1:8080' },
      '/ws': { target: process.env['MILLRACE_URL'] ?? 'http://127.0.0.1:8080', ws: true },
    },
  },
});
