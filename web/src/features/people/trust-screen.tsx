import { qrUrl } from "@/api/door";
import type { BoxInfo } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { buttonClass } from "@/ui/button";
import { formStyles as styles } from "@/ui/form";
import { PageTitle } from "@/ui/page-title";

const systems = ["android", "ios", "windows", "chromeos", "linux"] as const;

/** How a device comes to trust the box, so that its secure page opens without a warning. */
export default function TrustScreen({ box }: { readonly box: BoxInfo }) {
  const { t } = useI18n();
  return (
    <div className={styles.page}>
      <PageTitle>{t("trust.title")}</PageTitle>
      {box.authority ? (
        <>
          <p>{t("trust.text")}</p>
          {box.authority_fingerprint !== undefined && (
            <>
              <p>{t("trust.compare")}</p>
              <p className={styles.fingerprint}>{box.authority_fingerprint}</p>
            </>
          )}
          <p>
            <a className={buttonClass("primary")} href="/ca.crt">
              {t("trust.download")}
            </a>
          </p>
          <img className={styles.qr} src={qrUrl("/trust")} alt={t("people.qr")} />
          {systems.map((system) => (
            <details key={system}>
              <summary>{t(`trust.${system}`)}</summary>
              <p>{t(`trust.${system}_text`)}</p>
            </details>
          ))}
        </>
      ) : (
        <p>{t(box.https_url === undefined ? "trust.none" : "trust.real")}</p>
      )}
      {box.https_url !== undefined && (
        <p>
          <a href={box.https_url}>{t("signin.to_secure")}</a>
        </p>
      )}
    </div>
  );
}
