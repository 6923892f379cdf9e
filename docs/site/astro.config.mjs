import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import starlight from '@astrojs/starlight'
import { defineConfig } from 'astro/config'

// What `build.ts` has gathered from the repository's Markdown.
const gathered = join(import.meta.dirname, '../../.weft/docs')

export default defineConfig({
  outDir: '../dist',
  publicDir: join(gathered, 'public'),
  cacheDir: join(gathered, 'cache'),
  image: { service: { entrypoint: 'astro/assets/services/noop' } },
  integrations: [
    starlight({
      title: 'Weft',
      description: 'Trained prompts, composed for each request.',
      disable404Route: true,
      sidebar: JSON.parse(readFileSync(join(gathered, 'sidebar.json'), 'utf8')),
    }),
  ],
})
