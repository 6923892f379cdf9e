/** The bundled base model: where it is and what it is called. `src/pretrain.ts` made it. */
export { folder, name } from './folder.ts'
