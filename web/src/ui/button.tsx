import type { ButtonHTMLAttributes, ReactNode } from "react";
import styles from "./button.module.css";
import { classes } from "./classes";

export type ButtonLook = "primary" | "plain" | "quiet" | "danger";

export function buttonClass(look: ButtonLook, iconOnly = false): string {
  return classes(styles.button, styles[look], iconOnly && styles.iconOnly);
}

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: ButtonLook;
  readonly icon?: ReactNode;
}

export function Button({ look = "plain", icon, className, children, type = "button", ...rest }: ButtonProps) {
  return (
    <button type={type} className={classes(buttonClass(look), className)} {...rest}>
      {icon}
      <span>{children}</span>
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "children"> {
  readonly look?: ButtonLook;
  readonly icon: ReactNode;
  /** What it does; heard by a screen reader, and seen on a long press. */
  readonly label: string;
}

export function IconButton({ look = "quiet", icon, label, className, type = "button", ...rest }: IconButtonProps) {
  return (
    <button
      type={type}
      aria-label={label}
      title={label}
      className={classes(buttonClass(look, true), className)}
      {...rest}
    >
      {icon}
    </button>
  );
}
