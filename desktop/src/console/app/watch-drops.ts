/** What a drag holds, and how it is answered; of a DragEvent. */
interface Dragged extends Event {
  readonly dataTransfer: Pick<DataTransfer, 'types' | 'dropEffect'> | null;
}

/**
 * Files that are dropped anywhere on the page go to `onDrop`. The browser never gets them: it would leave the console and show
 * the file, and the queue and its links would be gone. Null: they are refused. Ends with the returned function.
 */
export function watchDrops(page: EventTarget, onDrop: ((data: DataTransfer) => void) | null): () => void {
  const refuse = (event: Event): DataTransfer | null => {
    const { dataTransfer } = event as Dragged;
    // Text that is dragged into a field is none of our business.
    if (dataTransfer?.types.includes('Files') !== true) return null;
    event.preventDefault();
    dataTransfer.dropEffect = onDrop === null ? 'none' : 'copy';
    return dataTransfer as DataTransfer;
  };
  const drop = (event: Event): void => {
    const data = refuse(event);
    if (data !== null) onDrop?.(data);
  };
  page.addEventListener('dragover', refuse);
  page.addEventListener('drop', drop);
  return () => {
    page.removeEventListener('dragover', refuse);
    page.removeEventListener('drop', drop);
  };
}
