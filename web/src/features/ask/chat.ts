import { connection, reportLost } from "@/api/connection";
import { ChatSocket, chatUrl } from "@/api/socket";
import { Asker } from "./asker";

const socket = new ChatSocket({
  connect: () => new WebSocket(chatUrl()),
  random: Math.random,
  onDown: reportLost, // asks the box for its health, and shows the banner only if nobody answers
});

let returns = connection.get().returns;
connection.subscribe(() => {
  const now = connection.get();
  if (now.returns === returns) return;
  returns = now.returns;
  socket.reconnect();
});

/** The one asker of this page. */
export const asker = new Asker(socket);
asker.resume();
