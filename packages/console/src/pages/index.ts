import type { Page } from '../routing/page.ts'

/** Every page, in the order of the navigation; the first is shown at `/console`. */
export const pages: readonly Page[] = [
  { path: 'playground', title: 'Playground', load: () => import('./playground/playground.tsx') },
  { path: 'adapters', title: 'Adapters', load: () => import('./adapters/adapters.tsx') },
  { path: 'train', title: 'Train', load: () => import('./train/train.tsx') },
  { path: 'compose', title: 'Compose', load: () => import('./compose/compose.tsx') },
  { path: 'routes', title: 'Routes', load: () => import('./routes/routes.tsx') },
  { path: 'runners', title: 'Runners', load: () => import('./runners/runners.tsx') },
]
