package export

import (
	"encoding/binary"

	"protosim/model/network"
)

// name writes a name resolution block for a host that has not had one yet. The
// library writes none, so this is section 4.5 of draft-ietf-opsawg-pcapng: one
// record of an IPv4 address and its name, and the end of the records.
func (p *Packets) name(h *network.Host) error {
	if p.named[h.Addr] {
		return nil
	}
	p.named[h.Addr] = true
	const (
		blockType  = 4
		recordIPv4 = 1
	)
	ip := h.Addr.As4()
	record := append(ip[:], h.Name...)
	record = append(record, 0)

	b := binary.LittleEndian.AppendUint32(nil, blockType)
	b = binary.LittleEndian.AppendUint32(b, 0) // the length of the block, below
	b = binary.LittleEndian.AppendUint16(b, recordIPv4)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(record)))
	b = append(b, record...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	b = append(b, 0, 0, 0, 0) // the end of the records
	length := uint32(len(b) + 4)
	b = binary.LittleEndian.AppendUint32(b, length)
	binary.LittleEndian.PutUint32(b[4:], length)
	if err := p.w.Flush(); err != nil { // what the library may hold back
		return err
	}
	_, err := p.below.Write(b)
	return err
}
