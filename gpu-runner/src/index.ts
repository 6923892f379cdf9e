export * from './train/index.ts'
export * from './loom/index.ts'
