import { Command } from 'commander'
import { type Connection, connected } from '../connection.ts'

export const mcp = (): Command =>
  connected(new Command('mcp'))
    .description('serve the tools list, explain, ask, classify, train, job and interfere to a program that speaks MCP, on stdin and stdout')
    .addHelpText(
      'after',
      '\nExample, of a client\'s configuration:\n  { "command": "npx", "args": ["weft", "mcp"], "env": { "WEFT_URL": "http://127.0.0.1:8787", "WEFT_API_KEY": "…" } }',
    )
    .action(async (options: Connection, { parent }: Command) => {
      const [{ serveStdio }, { AnsweringStdio }, { mcpServer }] = await Promise.all([
        import('@modelcontextprotocol/server/stdio'),
        import('../mcp/answering-stdio.ts'),
        import('../mcp/server.ts'),
      ])
      const transport = new AnsweringStdio()
      serveStdio(() => mcpServer(options, parent?.version() ?? ''), { transport, onerror: (error) => process.stderr.write(`weft: ${error.message}\n`) })
    })
