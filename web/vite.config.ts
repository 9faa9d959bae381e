import { defineConfig } from 'vite';
import vue from '@vitejs/plugin-vue';
import ui from '@nuxt/ui/vite';

const server = 'http://127.0.0.1:4000';

export default defineConfig({
  plugins: [
    vue(),
    ui({
      autoImport: false,
      colorMode: false,
      components: { dts: 'components.d.ts' },
      icon: { clientBundle: { scan: { globInclude: ['src/**/*.{vue,ts}'] } } },
      theme: { colors: ['primary', 'success', 'warning', 'error', 'neutral'], transitions: true },
      experimental: { componentDetection: true },
    }),
  ],
  build: {
    target: 'es2023',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    assetsInlineLimit: 0,
  },
  server: {
    host: '127.0.0.1',
    port: 5173,
    proxy: {
      '/graphql': { target: server, ws: true },
      '/sandbox': server,
      '/v1': server,
    },
  },
});
