package box

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"

	"github.com/bwenge-os/bwenge/models/catalogue"
)

// Config is everything that can be chosen from outside. Each field has an
// environment variable and a flag; the flag wins.
type Config struct {
	Data    string // BWENGE_DATA: the folder that holds all that the school has
	Addr    string // BWENGE_ADDR: where tablets connect
	TLSAddr string // BWENGE_TLS_ADDR: the same over HTTPS; "none" serves none
	TLSCert string // BWENGE_TLS_CERT: a certificate of the school's own, with BWENGE_TLS_KEY
	TLSKey  string // BWENGE_TLS_KEY
	SMTP    string // BWENGE_SMTP: smtp://user:password@host:port, by which invitations are mailed
	Proxies string // BWENGE_TRUSTED_PROXIES: addresses whose X-Forwarded-For is believed, by commas
	Tier    string // BWENGE_TIER: tiny, standard or plus; empty picks by memory and speed
	Engines string // BWENGE_ENGINES: the folder with llama-server
	Models  string // BWENGE_MODELS: the folder with the weights
	Media   string // BWENGE_MEDIA: where USB sticks appear; "none" watches none
	Name    string // BWENGE_NAME: announced as NAME.local
	Verbose bool

	// Measured boxes do nothing of their own accord beside what is measured.
	Measured bool
	Version  string // of the program

	// ProviderHosts are addresses of the box itself or its own links at which
	// model servers may be asked: BWENGE_PROVIDER_HOSTS, by commas.
	ProviderHosts string

	// Best is the tier that this machine could carry; it may have other weights.
	Best    catalogue.Tier
	picked  bool                                                     // Tier was: nobody has said it
	reading func(context.Context, catalogue.Weight) (float64, error) // by tests; nil measures
}

func DefaultConfig() Config {
	return Config{
		Data:    env("BWENGE_DATA", "data"),
		Addr:    env("BWENGE_ADDR", ":8080"),
		TLSAddr: env("BWENGE_TLS_ADDR", ":8443"),
		TLSCert: env("BWENGE_TLS_CERT", ""),
		TLSKey:  env("BWENGE_TLS_KEY", ""),
		SMTP:    env("BWENGE_SMTP", ""),
		Proxies: env("BWENGE_TRUSTED_PROXIES", ""),
		Tier:    env("BWENGE_TIER", ""),
		Engines: env("BWENGE_ENGINES", BesideExecutable("engines")),
		Models:  catalogue.DefaultDir(),
		Media:   env("BWENGE_MEDIA", "/media"),
		Name:    env("BWENGE_NAME", "bwenge"),

		ProviderHosts: env("BWENGE_PROVIDER_HOSTS", ""),
	}
}

func (c *Config) Bind(flags *pflag.FlagSet) {
	flags.StringVar(&c.Data, "data", c.Data, "data folder (BWENGE_DATA)")
	flags.StringVar(&c.Addr, "addr", c.Addr, "address to serve on (BWENGE_ADDR)")
	flags.StringVar(&c.TLSAddr, "tls-addr", c.TLSAddr, "address to serve HTTPS on, or none (BWENGE_TLS_ADDR)")
	flags.StringVar(&c.TLSCert, "tls-cert", c.TLSCert, "certificate file; without one the box makes its own (BWENGE_TLS_CERT)")
	flags.StringVar(&c.TLSKey, "tls-key", c.TLSKey, "key of the certificate file (BWENGE_TLS_KEY)")
	flags.StringVar(&c.ProviderHosts, "provider-hosts", c.ProviderHosts, "addresses of this machine at which model servers may be asked, such as 127.0.0.1:8081 (BWENGE_PROVIDER_HOSTS)")
	flags.StringVar(&c.Tier, "tier", c.Tier, "size of the models: tiny, standard or plus; picked by memory and measured speed if empty (BWENGE_TIER)")
	flags.StringVar(&c.Engines, "engines", c.Engines, "folder with llama-server (BWENGE_ENGINES)")
	flags.StringVar(&c.Models, "models", c.Models, "folder with the weights (BWENGE_MODELS)")
	flags.StringVar(&c.Media, "media", c.Media, "folder under which USB sticks appear, or none (BWENGE_MEDIA)")
	flags.StringVar(&c.Name, "name", c.Name, "name on the network, without .local (BWENGE_NAME)")
	flags.BoolVarP(&c.Verbose, "verbose", "v", c.Verbose, "log more")
}

func (c *Config) Validate() error {
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		return fmt.Errorf("--addr %q is not an address such as :8080 or 192.168.1.10:80", c.Addr)
	}
	if c.TLSAddr == "none" {
		c.TLSAddr = ""
	} else if _, _, err := net.SplitHostPort(c.TLSAddr); err != nil {
		return fmt.Errorf("--tls-addr %q is not an address such as :8443, nor none", c.TLSAddr)
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return fmt.Errorf("--tls-cert and --tls-key go together: give both or none")
	}
	if _, err := c.proxies(); err != nil {
		return err
	}
	if c.Media == "none" {
		c.Media = ""
	}
	data, err := filepath.Abs(c.Data)
	if err != nil {
		return fmt.Errorf("--data %q: %w", c.Data, err)
	}
	c.Data = data
	if c.Tier == "" {
		return c.pickTier()
	}
	c.Best = catalogue.Tier(c.Tier)
	if !c.Best.Valid() {
		return fmt.Errorf("--tier %q is none of tiny, standard, plus", c.Tier)
	}
	return nil
}

// proxies are the addresses of the proxies that are trusted.
func (c *Config) proxies() (list []string, err error) {
	for _, text := range strings.FieldsFunc(c.Proxies, func(r rune) bool { return r == ',' || r == ' ' }) {
		address, err := netip.ParseAddr(text)
		if err != nil {
			return nil, fmt.Errorf("BWENGE_TRUSTED_PROXIES: %q is not an IP address", text)
		}
		list = append(list, address.Unmap().String())
	}
	return list, nil
}

func (c *Config) Path(elem ...string) string {
	return filepath.Join(append([]string{c.Data}, elem...)...)
}

// Memory is the machine's RAM in bytes.
func Memory() (uint64, error) {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return 0, err
	}
	return uint64(info.Totalram) * uint64(info.Unit), nil
}

func env(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}

// BesideExecutable is where the packages put what the program needs: next to
// it, following a symbolic link to the program itself.
func BesideExecutable(name string) string {
	exe, err := os.Executable()
	if err != nil {
		return name
	}
	if real, err := filepath.EvalSymlinks(exe); err == nil {
		exe = real
	}
	return filepath.Join(filepath.Dir(exe), name)
}
