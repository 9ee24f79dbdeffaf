import { render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { BoxInfo } from "@/api/types";
import TrustScreen from "./trust-screen";

const fingerprint = Array.from({ length: 32 }, (_, i) => (i * 8).toString(16).padStart(2, "0").toUpperCase()).join(":");

const box: BoxInfo = {
  version: "test",
  setup_needed: false,
  claim_code_needed: false,
  secure: false,
  authority: true,
  authority_fingerprint: fingerprint,
  address: "http://192.168.1.2",
  https_url: "https://192.168.1.2/",
  schools: [],
};

describe("the page about the box's certificate", () => {
  it("shows the whole fingerprint beside the certificate", () => {
    render(<TrustScreen box={box} />);
    expect(screen.getByText(fingerprint)).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "Save the certificate" })).toHaveAttribute("href", "/ca.crt");
  });

  it("gives out no certificate where the school has its own", () => {
    const { authority_fingerprint: _, ...own } = box;
    render(<TrustScreen box={{ ...own, authority: false }} />);
    expect(screen.queryByText(fingerprint)).toBeNull();
    expect(screen.queryByRole("link", { name: "Save the certificate" })).toBeNull();
  });
});
