// Package export writes what happened in a run as files that other tools open:
// packet captures for Wireshark, page loads for a browser's developer tools,
// timelines for Perfetto, and lines of JSON for everything else. All but the
// page loads are written while the run goes, in memory that does not grow with
// it.
package export

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"protosim/model/network"
)

// epoch is when every run begins, by the clock that its programs see.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// Packets writes the segments that one host sees as a packet capture in the
// format pcapng, with the names of hosts and the secrets of TLS connections.
type Packets struct {
	mu    sync.Mutex
	below *bufio.Writer
	w     *pcapgo.NgWriter
	err   error
	named map[netip.Addr]bool // hosts whose names are written

	// For one packet after another.
	buffer  gopacket.SerializeBuffer
	ether   layers.Ethernet
	ip      layers.IPv4
	tcp     layers.TCP
	payload []byte
}

// NewPackets begins a capture on the host of that name.
func NewPackets(w io.Writer, host string) (*Packets, error) {
	below := bufio.NewWriterSize(w, 64<<10)
	ng, err := pcapgo.NewNgWriterInterface(below, pcapgo.NgInterface{
		Name:                "eth0",
		Description:         "the link of " + host,
		LinkType:            layers.LinkTypeEthernet,
		TimestampResolution: 9,
	}, pcapgo.NgWriterOptions{SectionInfo: pcapgo.NgSectionInfo{Application: "protosim"}})
	if err != nil {
		return nil, err
	}
	return &Packets{below: below, w: ng, named: map[netip.Addr]bool{}, buffer: gopacket.NewSerializeBuffer()}, nil
}

// Tap writes a segment; it is a network.Tap.
func (p *Packets) Tap(s *network.Sighting) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = p.packet(s)
	}
}

// Write takes lines of the NSS key log format, as tls.Config.KeyLogWriter
// gives them, into a decryption secrets block.
func (p *Packets) Write(lines []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = p.w.WriteDecryptionSecretsBlock(pcapgo.DSB_SECRETS_TYPE_TLS, lines)
	}
	return len(lines), nil // a full disk is no matter of the simulated server's
}

// Close ends the capture and returns the first error there was. It does not
// close the writer.
func (p *Packets) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = p.w.Flush()
	}
	return p.err
}

func (p *Packets) packet(s *network.Sighting) error {
	for _, h := range []*network.Host{s.From, s.To} {
		if err := p.name(h); err != nil {
			return err
		}
	}
	p.ether = layers.Ethernet{SrcMAC: mac(s.From.Addr), DstMAC: mac(s.To.Addr), EthernetType: layers.EthernetTypeIPv4}
	p.ip = layers.IPv4{
		Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP,
		Flags: layers.IPv4DontFragment, // so that it needs no ID (RFC 6864 section 4.1)
		SrcIP: s.From.Addr.AsSlice(), DstIP: s.To.Addr.AsSlice(),
	}
	p.tcp = layers.TCP{
		SrcPort: layers.TCPPort(s.FromPort), DstPort: layers.TCPPort(s.ToPort),
		Seq: uint32(s.Seq), SYN: s.SYN, ACK: s.ACK, FIN: s.FIN, RST: s.RST, PSH: s.PSH,
		Window: window(s), Options: options(s),
	}
	if s.ACK {
		p.tcp.Ack = uint32(s.Ack)
	}
	if err := p.tcp.SetNetworkLayerForChecksum(&p.ip); err != nil {
		return err
	}
	p.payload = p.payload[:0]
	for _, piece := range s.Payload {
		p.payload = append(p.payload, piece...)
	}
	err := gopacket.SerializeLayers(p.buffer, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true},
		&p.ether, &p.ip, &p.tcp, gopacket.Payload(p.payload))
	if err != nil {
		return err
	}
	frame := p.buffer.Bytes()
	direction := pcapgo.NgEpbFlagDirectionInbound
	if s.Leaving {
		direction = pcapgo.NgEpbFlagDirectionOutbound
	}
	return p.w.WritePacketWithOptions(
		gopacket.CaptureInfo{Timestamp: epoch.Add(s.At), CaptureLength: len(frame), Length: len(frame)},
		frame,
		pcapgo.NgPacketOptions{Flags: &pcapgo.NgEpbFlags{Direction: direction}},
	)
}

// window is a segment's window as its header carries it, rounded up so that
// nobody seems to send beyond it.
func window(s *network.Sighting) uint16 {
	if s.SYN { // not scaled (RFC 7323 section 2.2)
		return uint16(min(s.Window, 0xffff))
	}
	scale := s.WindowScale
	return uint16(min((s.Window+1<<scale-1)>>scale, 0xffff))
}

// options are the TCP options of a segment, padded as Linux pads them.
func options(s *network.Sighting) []layers.TCPOption {
	nop := layers.TCPOption{OptionType: layers.TCPOptionKindNop, OptionLength: 1}
	if s.SYN {
		return []layers.TCPOption{
			{OptionType: layers.TCPOptionKindMSS, OptionLength: 4, OptionData: binary.BigEndian.AppendUint16(nil, uint16(s.MSS))},
			nop, nop,
			{OptionType: layers.TCPOptionKindSACKPermitted, OptionLength: 2},
			nop,
			{OptionType: layers.TCPOptionKindWindowScale, OptionLength: 3, OptionData: []byte{byte(s.WindowScale)}},
		}
	}
	if len(s.SACK) == 0 {
		return nil
	}
	var blocks []byte
	for _, b := range s.SACK {
		blocks = binary.BigEndian.AppendUint32(blocks, uint32(b[0]))
		blocks = binary.BigEndian.AppendUint32(blocks, uint32(b[1]))
	}
	return []layers.TCPOption{
		nop, nop,
		{OptionType: layers.TCPOptionKindSACK, OptionLength: uint8(2 + len(blocks)), OptionData: blocks},
	}
}

// mac makes an address of a host's, locally administered.
func mac(a netip.Addr) net.HardwareAddr {
	ip := a.As4()
	return net.HardwareAddr{2, 0, ip[0], ip[1], ip[2], ip[3]}
}
