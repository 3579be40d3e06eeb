import { processContext } from '#cli/process-context.ts';
import { runProgram } from '#cli/program.ts';
import { VERSION } from '#agent/version.ts';

// Standard output may be a pipe that is read slowly: setting the code lets everything written drain, exit() would not.
process.exitCode = await runProgram(process.argv.slice(2), processContext(process.argv, VERSION));
