/** The adapters that come along for SmolLM2-135M-Instruct: their files, what they came to, and what they are asked. `train.ts` makes them. */
export { AdapterFolder, fileName } from './adapter-folder.ts'
export type { AdapterFigures, FiguresFile } from './figures.ts'
export type { Figures } from './measure/figures.ts'
export { compositionTable, figuresTable } from './measure/table.ts'
export { type ShippedAdapter, shippedFor } from './shipped-adapter.ts'
export { tasks } from './tasks/index.ts'
export { type Question, type QuestionTask, type StyleTask, type Task, trainingRows } from './tasks/task.ts'
