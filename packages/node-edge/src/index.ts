export { openDatabase } from './database/open-database.ts'
export { nodeRoot } from './node-composition-root.ts'
export { type ServeOptions, type Serving, serve } from './serve.ts'
export { openStorage } from './storage/open-storage.ts'
