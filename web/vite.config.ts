import { defineConfig } from 'vite';
import vue from '@vitejs/plugin-vue';
import ui from '@nuxt/ui/vite';
import { inlineDocuments } from './scripts/inline-documents.mjs';

const server = 'http://127.0.0.1:4000';

export default defineConfig({
  // The server puts the path of PUBLIC_URL in front, so that one build serves any.
  base: './',
  plugins: [
    inlineDocuments(),
    vue(),
    ui({
      autoImport: false,
      colorMode: false,
      components: { dts: 'components.d.ts' },
      icon: { clientBundle: { scan: { globInclude: ['src/**/*.{vue,ts}'] } } },
      ui: {
        // Room for the button that closes a dialog, beside a title that holds a long name; a long form scrolls between
        // head and foot, which keep their height.
        modal: {
          slots: { header: 'shrink-0', wrapper: 'min-w-0 pe-8', title: 'break-words', footer: 'shrink-0' },
        },
        button: {
          variants: { size: { md: { leadingIcon: 'size-4', trailingIcon: 'size-4' } } },
          compoundVariants: [
            {
              color: 'primary',
              variant: 'solid',
              class:
                'hover:bg-(--ui-color-primary-700) active:bg-(--ui-color-primary-800) dark:hover:bg-(--ui-color-primary-300) dark:active:bg-(--ui-color-primary-200)',
            },
            { color: 'error', variant: 'solid', class: 'hover:bg-error/90 active:bg-error/90' },
          ],
        },
      },
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
      '/auth': server,
      '/sandbox': server,
      '/v1': server,
    },
  },
});
