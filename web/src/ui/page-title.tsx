import { useEffect } from "react";

interface PageTitleProps {
  readonly children: string;
  readonly className?: string | undefined;
}

/** What a screen is about: its heading, and the name of the browser's tab. */
export function PageTitle({ children, className }: PageTitleProps) {
  useEffect(() => {
    document.title = `${children} · Bwenge`;
  }, [children]);
  return <h1 className={className}>{children}</h1>;
}
