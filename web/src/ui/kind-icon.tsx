import { BookIcon, FilmIcon, PageIcon, PictureIcon, SlideIcon, SoundIcon, TableIcon } from "./icons";

const icons = {
  pdf: PageIcon,
  document: PageIcon,
  slides: SlideIcon,
  sheet: TableIcon,
  book: BookIcon,
  page: PageIcon,
  text: PageIcon,
  image: PictureIcon,
  audio: SoundIcon,
  video: FilmIcon,
  archive: BookIcon,
} as const;

function isKind(kind: string): kind is keyof typeof icons {
  return Object.prototype.hasOwnProperty.call(icons, kind);
}

interface KindIconProps {
  /** Empty or absent until the box has looked at the content. */
  readonly kind?: string | undefined;
  readonly size?: number;
}

export function KindIcon({ kind, size = 22 }: KindIconProps) {
  const Icon = kind !== undefined && isKind(kind) ? icons[kind] : PageIcon;
  return <Icon size={size} />;
}
