import type { ReactNode } from "react";

interface IconProps {
  /** In pixels. */
  readonly size?: number;
}

function icon(children: ReactNode) {
  return function Icon({ size = 22 }: IconProps) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth={1.9}
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        {children}
      </svg>
    );
  };
}

export const AskIcon = icon(
  <>
    <path d="M4 5.5h16v11H11l-4.5 3.5v-3.5H4z" />
    <path d="M8.5 9.5h7M8.5 12.7h4.5" />
  </>,
);
export const BooksIcon = icon(
  <>
    <path d="M4.5 4h4v16h-4zM8.5 4h4v16h-4z" />
    <path d="m13.6 5.2 3.8-1 3.8 14.6-3.8 1z" />
  </>,
);
export const SendIcon = icon(<path d="M12 19.5V5M5.8 11 12 4.8l6.2 6.2" />);
export const StopIcon = icon(<path d="M7 7h10v10H7z" fill="currentColor" />);
export const PlusIcon = icon(<path d="M12 5v14M5 12h14" />);
export const CloseIcon = icon(<path d="m6 6 12 12M18 6 6 18" />);
export const SearchIcon = icon(
  <>
    <circle cx="10.5" cy="10.5" r="6" />
    <path d="m15 15 5 5" />
  </>,
);
export const TrashIcon = icon(
  <>
    <path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13" />
    <path d="M10.2 10.8v5.6M13.8 10.8v5.6" />
  </>,
);
export const RetryIcon = icon(
  <>
    <path d="M19.5 12a7.5 7.5 0 1 1-2.4-5.5" />
    <path d="M19.8 3.5v4.6h-4.6" />
  </>,
);
export const DownloadIcon = icon(<path d="M12 4v11M7.5 10.8 12 15.3l4.5-4.5M4.5 19.5h15" />);
export const UploadIcon = icon(<path d="M12 15.5v-11M7.5 8.7 12 4.2l4.5 4.5M4.5 19.5h15" />);
export const BackIcon = icon(<path d="M19 12H5.5M11 5.8 4.8 12l6.2 6.2" />);
export const PreviousIcon = icon(<path d="m14.5 5.5-6.5 6.5 6.5 6.5" />);
export const NextIcon = icon(<path d="m9.5 5.5 6.5 6.5-6.5 6.5" />);
export const DownIcon = icon(<path d="M12 5v13M5.8 12.2 12 18.4l6.2-6.2" />);
export const ZoomInIcon = icon(
  <>
    <circle cx="10.5" cy="10.5" r="6" />
    <path d="m15 15 5 5M10.5 8v5M8 10.5h5" />
  </>,
);
export const ZoomOutIcon = icon(
  <>
    <circle cx="10.5" cy="10.5" r="6" />
    <path d="m15 15 5 5M8 10.5h5" />
  </>,
);
export const PlayIcon = icon(<path d="M8 5.2v13.6L19 12z" fill="currentColor" />);
export const ListIcon = icon(<path d="M4.5 6.5h15M4.5 12h15M4.5 17.5h9" />);
export const CheckIcon = icon(<path d="m5 12.8 4.6 4.6L19 7.5" />);
export const WarningIcon = icon(
  <>
    <path d="M12 4 2.8 19.5h18.4z" />
    <path d="M12 10v4.2M12 16.9v.1" />
  </>,
);
export const GlobeIcon = icon(
  <>
    <circle cx="12" cy="12" r="8" />
    <path d="M4 12h16M12 4c2.6 2.3 3.8 5 3.8 8s-1.2 5.7-3.8 8c-2.6-2.3-3.8-5-3.8-8s1.2-5.7 3.8-8z" />
  </>,
);
export const SunIcon = icon(
  <>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4" />
  </>,
);
export const MoonIcon = icon(<path d="M19.5 14.2A7.8 7.8 0 0 1 9.8 4.5a7.8 7.8 0 1 0 9.7 9.7z" />);
export const PageIcon = icon(<path d="M6 3.8h8.5L18.5 8v12.2H6zM14 4v4.5h4.5M9 12.5h6M9 16h6" />);
export const SlideIcon = icon(<path d="M3.8 5h16.4v11H3.8zM12 16v4M8.5 20h7" />);
export const TableIcon = icon(<path d="M4 5h16v14H4zM4 10h16M4 14.5h16M10 5v14" />);
export const BookIcon = icon(
  <path d="M12 6.5C10 5 7 4.5 4 4.8v13.4c3-.3 6 .2 8 1.7 2-1.5 5-2 8-1.7V4.8c-3-.3-6 .2-8 1.7zM12 6.5v13.4" />,
);
export const PictureIcon = icon(
  <>
    <path d="M4 5h16v14H4z" />
    <circle cx="9" cy="10" r="1.6" />
    <path d="m5 17.5 4.5-4 3 2.6 3.5-4 4 4.6" />
  </>,
);
export const SoundIcon = icon(<path d="M5 10v4M9 6.5v11M13 9v6M17 4.5v15M20.5 10.5v3" />);
export const FilmIcon = icon(<path d="M4 5.5h16v13H4zM10 9.3v5.4l4.5-2.7z" />);

export const PersonIcon = icon(
  <>
    <circle cx="12" cy="8" r="3.6" />
    <path d="M4.5 20c.6-4 3.6-6 7.5-6s6.9 2 7.5 6" />
  </>,
);
export const PeopleIcon = icon(
  <>
    <circle cx="9" cy="8.5" r="3.2" />
    <path d="M2.5 19c.5-3.5 3-5.2 6.5-5.2s6 1.700 6.5 5.2" />
    <path d="M15.5 5.600a3 3 0 0 1 0 5.800M17.5 14.2c2.300.5 3.600 2.100 4 4.800" />
  </>,
);
export const SchoolIcon = icon(
  <>
    <path d="M3 20V10l9-5 9 5v10z" />
    <path d="M10 20v-5h4v5M7 13h1.5M15.5 13H17" />
  </>,
);

export const MicrophoneIcon = icon(
  <path d="M12 3.8a2.7 2.7 0 0 0-2.7 2.7v5a2.7 2.7 0 0 0 5.4 0v-5A2.7 2.7 0 0 0 12 3.8zM6 11a6 6 0 0 0 12 0M12 17v3.5" />,
);
export const SpeakerIcon = icon(
  <path d="M4.5 9.5v5H8l4.5 4v-13l-4.5 4zM16 9a4.2 4.2 0 0 1 0 6M18.6 6.6a7.6 7.6 0 0 1 0 10.8" />,
);

export const TurnRightIcon = icon(<path d="M5 19v-7a5 5 0 0 1 5-5h9M15.500 3.500 19 7l-3.500 3.500" />);
export const TurnLeftIcon = icon(<path d="M19 19v-7a5 5 0 0 0-5-5H5M8.500 3.500 5 7l3.500 3.500" />);
export const UpIcon = icon(<path d="M12 19V6M5.800 11.800 12 5.600l6.200 6.200" />);
export const PencilIcon = icon(<path d="M4.500 19.500l1-4.500L16 4.500l3.500 3.500L9 18.500zM13.500 7l3.500 3.500" />);

export const ThumbUpIcon = icon(
  <path d="M4 11h3.500v8.500H4zM7.500 11 11 4.500c1.600 0 2.500 1 2.200 2.600L12.600 10H19c1 0 1.700.9 1.500 1.900l-1.300 6c-.2.900-.900 1.600-1.900 1.600H7.500" />,
);
export const ThumbDownIcon = icon(
  <path d="M4 13h3.500V4.500H4zM7.500 13 11 19.500c1.600 0 2.500-1 2.200-2.600L12.600 14H19c1 0 1.700-.9 1.500-1.900l-1.300-6c-.2-.900-.900-1.600-1.900-1.600H7.500" />,
);
