/**
 * For a Node that runs the engine alone: sending makes much short-lived garbage, and V8 would rather take a hundred megabytes
 * more than collect it (npm run bench:engine).
 */
export const ENGINE_NODE_FLAGS: readonly string[] = ['--max-semi-space-size=4'];
