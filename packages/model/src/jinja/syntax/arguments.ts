import type { CallArguments, Expression } from './nodes.ts'
import type { TokenStream } from './token-stream.ts'

/** `(a, b, name=c, *list, **dict)`, in the order that Python asks for. */
export const parseArguments = (stream: TokenStream, parseExpression: (stream: TokenStream) => Expression): CallArguments => {
  const args: CallArguments = { positional: [], named: [], rest: null, namedRest: null }
  const once = (fine: boolean): void => {
    if (!fine) stream.fail('invalid syntax for function call expression')
  }
  stream.expect('operator', '(')
  for (let first = true; !stream.isOperator(')'); first = false) {
    if (!first) stream.expect('operator', ',')
    if (stream.isOperator(')')) break
    if (stream.skip('operator', '*')) {
      once(args.rest === null && args.namedRest === null)
      args.rest = parseExpression(stream)
    } else if (stream.skip('operator', '**')) {
      once(args.namedRest === null)
      args.namedRest = parseExpression(stream)
    } else if (stream.is('name') && stream.look().type === 'operator' && stream.look().value === '=') {
      once(args.namedRest === null)
      const name = stream.next().value
      stream.next()
      args.named.push([name, parseExpression(stream)])
    } else {
      once(args.rest === null && args.namedRest === null && args.named.length === 0)
      args.positional.push(parseExpression(stream))
    }
  }
  stream.expect('operator', ')')
  return args
}
