import { Button, Stack } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useSession } from '#console/api/host-context.tsx';
import { useServers, useSummary } from '#console/api/queries.ts';
import { useLastProof, useProving } from '#console/api/use-proofs.ts';
import { useLanguage, useTexts } from '#console/i18n/language-context.tsx';
import { Announcement } from '#console/ui/announcement.tsx';
import { FailureNote } from '#console/ui/failure-note.tsx';
import { Page } from '#console/ui/page.tsx';
import { saveProof } from '#console/ui/save-proof.ts';
import { useNow } from '#console/ui/use-now.ts';
import { ANSWER_TEXTS } from './answer-texts.ts';
import { answerSentence } from './answer-sentence.ts';
import { evidenceOfProof, evidenceOfVerify, newestOf } from './evidence.ts';
import { fleetAnswer, movingCopies, topicOf } from './fleet-answer.ts';
import { FLEET_TEXTS } from './fleet-texts.ts';
import { etaSeconds, withSample, type Sample } from './eta.ts';
import { PairMatrix } from './pair-matrix.tsx';
import { pairRows } from './pairs.ts';
import { PROOF_TEXTS } from './proof-texts.ts';
import { ServerList } from './server-list.tsx';
import { useVerify } from './use-verify.ts';
import { VerifyLine } from './verify-line.tsx';
import styles from './fleet.module.css';

const TICK_MS = 1000;

/** Is everything everywhere? */
export function FleetPage(): ReactNode {
  const t = useTexts('fleet', FLEET_TEXTS);
  const say = useTexts('fleet-answer', ANSWER_TEXTS);
  const { language } = useLanguage();
  const now = useNow(TICK_MS);
  const isOperator = useSession().roles.includes('operator');
  const { data, error, dataUpdatedAt } = useServers();
  const summary = useSummary(isOperator).data;
  const verify = useVerify();
  const proof = useLastProof();
  const servers = data?.servers ?? [];
  const agents = servers.filter(({ isAgent }) => isAgent);
  const others = servers.filter(({ isAgent }) => !isAgent);
  const names = agents.map(({ name }) => name);
  const silent = data?.silent ?? [];
  const eta = useEta(movingCopies(agents), dataUpdatedAt);
  const evidence = newestOf(proof && evidenceOfProof(proof, names), evidenceOfVerify(verify.report, names));
  const answer = fleetAnswer({ servers, silent, evidence, etaSeconds: eta });
  const sentence = data === undefined ? say('asking') : answerSentence(answer.parts, say, { now, language });
  const told = useTold(sentence, data === undefined ? '' : `${language} ${topicOf(answer.parts)}`);
  const list = { servers, silent, answeredAt: dataUpdatedAt, now };
  return (
    <Page
      title={t('title')}
      answer={
        <span className={styles['answer']} data-tone={data === undefined ? 'plain' : answer.tone}>
          {sentence}
        </span>
      }
      actions={<ProofActions isOperator={isOperator} verify={verify} />}
    >
      <Announcement message={data === undefined ? '' : told} />
      <Stack gap="md">
        {error !== null && <FailureNote error={error} />}
        {verify.start.isError && <FailureNote error={verify.start.error} />}
        {agents.length > 0 && <ServerList title={t('servers')} shown={agents} {...list} />}
        {verify.report !== null && <VerifyLine report={verify.report} now={now} />}
        {summary !== undefined && agents.length > 1 && (
          <PairMatrix rows={pairRows(names, summary, summary.at ?? now)} />
        )}
        {others.length > 0 && <ServerList title={t('watched')} shown={others} {...list} />}
      </Stack>
    </Page>
  );
}

interface ActionProps {
  readonly isOperator: boolean;
  readonly verify: ReturnType<typeof useVerify>;
}

function ProofActions({ isOperator, verify }: ActionProps): ReactNode {
  const t = useTexts('fleet-proof', PROOF_TEXTS);
  const { server } = useSession();
  const proving = useProving();
  const isRunning = verify.report !== null && verify.report.state !== 'done';
  return (
    <>
      {isOperator && (
        <Button
          size="xs"
          variant="default"
          title={t('verifyHint', { server })}
          loading={verify.start.isPending || isRunning}
          onClick={() => verify.start.mutate()}
        >
          {t('verify')}
        </Button>
      )}
      <Button
        size="xs"
        variant="default"
        title={t('proveHint')}
        loading={proving.isPending}
        onClick={() => proving.mutate(undefined, { onSuccess: saveProof })}
      >
        {t('prove')}
      </Button>
      {proving.isError && <FailureNote error={proving.error} />}
    </>
  );
}

/** The sentence as it was when its topic was new: numbers that move on are not read out again and again. */
function useTold(sentence: string, topic: string): string {
  const [told, setTold] = useState({ sentence, topic });
  if (told.topic === topic) return told.sentence;
  setTold({ sentence, topic });
  return sentence;
}

/** Seconds until nothing is open, from how fast it falls; null when it will not fall by itself. */
function useEta(open: number | null, at: number): number | null {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const [seenAt, setSeenAt] = useState(0);
  if (at !== seenAt) {
    setSeenAt(at);
    setSamples(open === null ? [] : withSample(samples, { at, open }));
  }
  return etaSeconds(samples);
}
