import { tablet } from "@/lib/storage";

// The class that a shared tablet stands in: its names show at once when one
// pupil hands it to the next.
const key = "bwenge.class";

export const rememberedClass = () => tablet.get(key);
export const rememberClass = (code: string | null) => {
  tablet.set(key, code);
};
