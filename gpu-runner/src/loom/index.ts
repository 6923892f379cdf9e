/** A base model and its adapters in one process. */
export { Loom, openLoom, type LoomOptions } from './loom.ts'
export type { Recipe } from './recipe.ts'
