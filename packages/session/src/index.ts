export type { Recipe } from './recipe.ts'
export * from './session.ts'
