import type { CommanderError } from 'commander';
import type { Language } from './language.ts';

const CHINESE: Readonly<Record<string, (subject: string) => string>> = {
  'commander.unknownOption': (subject) => `没有这个选项：${subject}`,
  'commander.unknownCommand': (subject) => `没有这个命令：${subject}`,
  'commander.missingArgument': (subject) => `缺少参数：${subject}`,
  'commander.missingMandatoryOptionValue': (subject) => `必须给出选项：${subject}`,
  'commander.optionMissingArgument': (subject) => `选项缺少值：${subject}`,
  'commander.invalidArgument': (subject) => `值不正确：${subject}`,
  'commander.excessArguments': () => '参数太多',
  'commander.conflictingOption': (subject) => `不能同时使用的选项：${subject}`,
};

/** A mistake on the command line as one sentence in the reader's language. */
export function usageSentence(error: CommanderError, language: Language): string {
  const message = error.message.replace(/^error: /, '');
  if (language === 'en') return message;
  const subjects = [...message.matchAll(/'([^']*)'/g)].map((match) => match[1] ?? '');
  return CHINESE[error.code]?.(subjects.join(' ')) ?? message;
}
