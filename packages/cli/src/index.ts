export { program } from './program.ts'
export { main } from './main.ts'
