import { type CallToolResult, McpServer, type ServerContext, type StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import { isWeftError, parseWire, toWire } from '@weft/adapters'
import { wireJsonSchema } from '@weft/protocol'
import type { $ZodType } from 'zod/v4/core'
import { type Connection, clientOf } from '../connection.ts'
import { toolUnknown } from '../errors.ts'
import type { McpTool } from './tool.ts'
import { ask, classify, explain } from './tools/inference.ts'
import { interfere } from './tools/interfere.ts'
import { list } from './tools/list.ts'
import { job, train } from './tools/training.ts'

const tools: readonly McpTool[] = [list, explain, ask, classify, train, job, interfere]

/** A server of the Model Context Protocol whose tools ask a running edge. */
export function mcpServer(connection: Connection, version: string): McpServer {
  const server = new McpServer(
    { name: 'weft', version, title: 'Weft' },
    {
      instructions:
        'Weft composes trained prompts per request. A "model" is a base model, a route, or an expression such as "base + style/speech + 0.5*style/whale"; "list" says what there is and "explain" what an expression would run.',
    },
  )
  const weft = clientOf(connection)
  const call = async (tool: McpTool, asked: unknown, { mcpReq }: ServerContext): Promise<CallToolResult> => {
    const progressToken = mcpReq._meta?.progressToken
    const progress = (done: number, total: number, message?: string): void => {
      if (progressToken === undefined) return
      const params = { progressToken, progress: done, total, ...(message === undefined ? {} : { message }) }
      // Who does not listen any more is told nothing.
      mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {})
    }
    try {
      const input = parseWire(tool.input, asked ?? {})
      const answer: object = toWire(tool.answer, await tool.run(input as never, { weft, connection, signal: mcpReq.signal, progress }))
      parseWire(tool.answer, answer)
      return { content: [{ type: 'text', text: JSON.stringify(answer) }], structuredContent: answer as Record<string, unknown> }
    } catch (error) {
      return refused(error)
    }
  }
  for (const tool of tools)
    server.registerTool(
      tool.name,
      {
        title: tool.title,
        description: tool.description,
        inputSchema: asStandard(tool.input),
        outputSchema: asStandard(tool.answer),
        annotations: { readOnlyHint: tool.readOnly, destructiveHint: !tool.readOnly, openWorldHint: false },
      },
      (asked: unknown, context) => call(tool, asked, context),
    )
  // In the place of the SDK's own, which says of a tool that there is not nothing but that.
  server.server.setRequestHandler('tools/call', async ({ params: { name, arguments: asked } }, context) => {
    const tool = tools.find((one) => one.name === name)
    return tool
      ? server.server.projectCallToolResult(await call(tool, asked, context), undefined)
      : refused(
          toolUnknown(
            name,
            tools.map((one) => one.name),
          ),
        )
  })
  return server
}

const refused = (error: unknown): CallToolResult => ({ content: [{ type: 'text', text: told(error) }], isError: true })

/**
 * A schema of the protocol as MCP's SDK takes one, described as the wire spells it. It takes all, and the tool reads it: what the SDK refuses is told in words of
 * its own, without a code.
 */
const asStandard = (schema: $ZodType): StandardSchemaWithJSON<unknown, unknown> => ({
  '~standard': {
    version: 1,
    vendor: 'weft',
    validate: (value) => ({ value }),
    jsonSchema: { input: () => wireJsonSchema(schema), output: () => wireJsonSchema(schema, 'output') },
  },
})

/** `model_not_found: There is no …` */
const told = (error: unknown): string => {
  const { code, message } = error as { code?: string; message?: string }
  return isWeftError(error) || code !== undefined ? `${code}: ${message}` : String(message ?? error)
}
